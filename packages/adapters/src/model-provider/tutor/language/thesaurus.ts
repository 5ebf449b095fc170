/**
 * Groups of words that people use for one another when they speak about running software. Each group is
 * closed: any of its words finds any other. A word may stand in several groups. This is about the field's
 * vocabulary and not about particular pages.
 */
export const SYNONYM_GROUPS: readonly string[] = `
  choose choice pick select prefer decide
  drawback disadvantage downside weakness con cons mistake pitfall problem
  advantage benefit upside strength pro pros better
  difference differ compare comparison versus vs distinguish
  grpc protobuf rpc proto
  protobuf proto binary serialization serialize encoding
  rest restful http json
  schema contract proto types
  typed types type
  public external outside outsider
  browser frontend webpage tab
  hop network roundtrip
  protocol transport wire
  payload body message
  language polyglot
  communicate talk speak exchange
  fast faster quick quickly quicker speed rapid performance performant optimization
  slow slower sluggish laggy lag latency delay slowness crawl
  microservices microservice distributed soa
  monolith monolithic modular
  split divide separate decompose extract carve break
  isolate isolation contain survive independent
  crash die dead kill killed fail failure fall
  deploy deployment release ship rollout
  scale scaling grow
  boundary border separation
  team organization
  idempotency idempotent duplicate twice repeated double
  retry retries again reattempt
  timeout deadline expire hang
  batch bulk overnight
  job task background queue async
  queue backlog pending
  stream streaming live gradually incremental incrementally progressively typing
  sse streaming eventsource
  sse streaming push websocket websockets
  git push pushed
  thirdparty external public
  endpoint route api handler
  component module part
  codebase monolith
  graph chart diagram
  dangerous danger risk risky unsafe insecure vulnerable vulnerability attack
  consume exhaust eat hog drain
  reply answer response output
  wired wiring composition compose assemble assembled
  token word letter
  realtime synchronous immediately instantly instant
  chunk fragment piece packet
  buffer buffering lump
  nginx proxy
  poll polling progress
  cancel abort disconnect stop quit leave
  di injection inject ioc wiring
  injection handed passed supply supplied provide
  dependency dependencies collaborator
  singleton global shared
  mock mocking fake stub double
  lifetime lifecycle scope scoped
  instance object instantiate construct constructor
  container composition
  locator registry lookup
  configuration config settings environment
  shutdown close dispose cleanup teardown
  profile profiler profiling flamegraph hotspot
  flame flamegraph
  bottleneck hotspot slow
  optimize optimization tune tuning accelerate speed
  measure measurement benchmark benchmarking metric
  vary variation variance noise fluctuate
  percentile p99 p95 tail
  mean average median
  trace tracing span telemetry opentelemetry observability
  update change
  monitor monitoring observability metrics
  cpu processor compute computing computation calculation core
  thread multithreading multithreaded worker
  core cores cpu
  parallel parallelism simultaneous simultaneously
  concurrent concurrency simultaneous simultaneously
  blocked block freeze frozen hang unresponsive stall
  async asynchronous await promise promises
  race interleave interleaving overwrite
  lock mutex semaphore
  atomic transaction
  limit cap bound maximum max restrict throttle
  unlimited unbounded
  memory ram heap
  leak leaking growth growing grow climb climbing rise rising increase creep
  garbage gc collector collection
  gc reclaim cleanup free
  oom memory
  snapshot dump
  listener handler subscription subscriber
  reference pointer retainer
  evict eviction lru
  backpressure overwhelm
  balance balancer balancing distribute distribution spread
  replica replicas copy copies instance node server machine backend
  traffic request load
  fair evenly equal even uneven unfair
  cache caching cached memoize
  cache remember store
  redis memcached
  stale outdated obsolete invalidate invalidation ttl
  expire expiry expiration ttl
  stampede herd dogpile
  hit miss
  popular hot
  authentication authenticate login identity identify
  authentication auth authn
  authorization auth authz
  login password passkey credential
  authorization authorize permission access allowed privilege rights
  permission permitted forbidden
  role admin administrator rbac
  policy rule
  idor bola ownership owner
  stranger someone somebody foreign
  jwt claim bearer
  jwt token
  session cookie
  logout revoke revocation
  401 unauthenticated unauthorized
  403 forbidden
  secure security protect protection defend safe safely safety guard harden
  attack attacker hacker malicious exploit thief adversary villain hack
  abuse abusive spam spammer bot flood hammer misuse bombard limiter
  overload ddos dos flood
  throttle throttling ratelimit limiter
  rate limiter
  quota allowance
  429 limiter
  cors origin
  ip address
  forge forged spoof spoofed fake pretend impersonate
  ssrf fetch internal
  input validation validate validated sanitize
  oversized giant enormous
  upload body
  expensive costly cost cost bill
  secret secrets password passwords credential credentials passphrase
  key keys credential apikey
  env environment variable dotenv
  rotate rotation replace renew swap
  git github repo repository commit history
  leak exposed expose disclose published steal stolen compromised
  vault secret
  image docker container
  downtime outage interruption
  log logs logging logfile
  database db postgres postgresql sql
  test tests testing
`
  .trim()
  .split('\n')
  .map((line) => line.trim());

/** Several words that are one term, and how the index spells it. Applied to pages and questions alike. */
export const PHRASES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(?:log(?:ged|ging|s)?|sign(?:ed|ing|s)?)[ -](?:in|on)(?:to)?\b/gi, 'login'],
  [/\b(?:log(?:ged|ging|s)?|sign(?:ed|ing|s)?)[ -](?:out|off)\b/gi, 'logout'],
  [/\bserver[ -]sent events?\b/gi, 'sse server-sent events'],
  [/\bjson web tokens?\b/gi, 'jwt'],
  [/\binversion of control\b/gi, 'ioc'],
  [/\bout of (?:memory|ram)\b/gi, 'out of memory oom'],
  [/\brate[ -]?limit(?:er|s|ed|ing)?\b/gi, 'rate limiter'],
  [/\b(?:word|token|letter|bit|piece) by (?:word|token|letter|bit|piece)\b/gi, 'streaming'],
  [/\bas (?:it is|they are|it gets|its|it's) (?:being )?(?:written|typed|generated|produced|made)\b/gi, 'streaming'],
  [/\b(?:all at once|(?:all )?in one (?:go|lump|big lump|block))\b/gi, 'allatonce'],
  [/\bsame (?:time|moment|instant)\b/gi, 'simultaneous'],
  [/\b(?:small|separate|many|several|independent|multiple|tiny|individual) services\b/gi, 'separate services microservices'],
  [
    /\b(?:(?:a|one) single|one big|one large|single) (?:app|application|codebase|program|deployable|process|executable)\b/gi,
    'single process monolith',
  ],
  [/\b(?:someone|somebody) else'?s?\b|\bother (?:users|peoples?|persons?|customers)\b'?s?/gi, 'foreign'],
  [/\bthird[ -]part(?:y|ies)\b/gi, 'thirdparty'],
  [/\btak(?:es?|ing) (?:\w+ )?(?:seconds|minutes|ages|forever|long|longer)\b/gi, 'slow'],
  [/\bslow(?:s|ed|ing)? down\b/gi, 'slow'],
  [/\bspeed(?:s|ed|ing)? up\b/gi, 'faster'],
  [/\b(?:process|server|service|app|program) (?:stops|exits|ends|terminates|shuts down)\b/gi, 'process shutdown'],
  [/\b(?:take|takes|taking|took|bring|brings|bringing|brought|tear|tears|go|goes|going|went) (?:\w+ ){0,3}down\b/gi, 'crash'],
  [/\blook(?:s|ed|ing)? (?:\w+ )?up\b/gi, 'lookup'],
  [/\bc\+\+/gi, 'cplusplus'],
  [/\bi\/o\b/gi, 'io'],
  [/\.env\b/gi, ' dotenv'],
];
