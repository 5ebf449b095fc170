/**
 * Groups of synonyms in the vocabulary of running software, independent of particular pages. Each word of a group finds
 * every other one. A word may belong to several groups.
 */
export const SYNONYM_GROUPS: readonly string[] = `
  choose choice pick select prefer decide
  drawback disadvantage downside weakness con cons mistake pitfall problem gotcha caveat trap
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
  prodigon platform
  tutor offline
  install installation setup start launch run
  fast faster sooner earlier quick quickly quicker speed rapid performance performant optimization
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
  architecture overview structure design
  exercise experiment
  dangerous danger risk risky unsafe insecure vulnerable vulnerability attack
  consume exhaust eat hog
  reply answer response output
  wired wiring composition compose assemble assembled
  token word letter
  realtime synchronous immediately instantly instant
  chunk fragment piece packet
  buffer buffering lump
  nginx proxy
  poll polling progress
  cancel abort disconnect stop quit leave
  stop shut quit exit terminate
  upgrade update version
  delete erase wipe purge uninstall
  save saved store persist
  computer machine laptop phone device
  money cost price spend
  internet network online
  daemon background
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
  cache store
  serialization marshalling payload
  stub generated client
  channel connection socket
  interface contract api
  document payload body json file
  megabyte gigabyte gb mb oversized huge
  huge gigantic enormous oversized massive giant
  webpage page browser website
  mobile client
  field property attribute
  version compatibility backward evolve evolution
  default fallback
  cut split boundary
  extract split separate
  modular modules module component
  single monolith
  debugging debug trace
  network hop remote
  isolated isolation sandbox
  bug crash defect failure
  cascade cascading propagate spread domino
  down crash outage failure
  order payment post purchase
  duplicate twice idempotency double
  deploy publish rollout release
  hardware machine
  database table schema
  reply answer response
  chat conversation dialogue session
  message turn
  visitor user reader client caller
  reader viewer
  closes disconnect leave leaves
  closed disconnect leave
  abandon cancel leave
  word token
  ttft token latency
  update event progress notification
  notify notification event push
  subscribe subscription listen event
  continuous continuously streaming live
  connection socket keepalive
  report export import batch
  schedule scheduled cron batch job
  asynchronously background queue job
  status progress
  partial incomplete half
  truncated cut interrupted
  newline linebreak framing
  argument parameter passed pass
  client dependency
  swap replace exchange implementation
  implementation adapter concrete
  decorator annotation framework container
  wire wired compose composition root
  bootstrap boot startup start
  startup boot
  tenant user customer account
  teardown close shutdown reverse
  fixture fake mock
  graph flame chart
  idle waiting wait
  stuck blocked hang waiting
  spend consume cost burn
  burn cpu processor
  sample sampling profile
  duration latency time
  outlier tail percentile p99
  noise variance jitter unstable
  warmup warm jit compile
  baseline ratio compare
  experiment measure benchmark
  loadtest load generator benchmark
  throughput rate rps
  sequential serial one
  independent parallel together
  regex expression backtracks
  parse parsing json
  heartbeat health probe
  healthcheck health probe
  calculation cpu compute synchronous
  resize cpu compute
  encryption crypto hashing
  hash hashing crypto
  pool worker threads
  batch items
  counter increment update
  overwritten overwrite update
  wrong corrupt inconsistent race
  conflict race concurrent
  lease claim expire
  fencing token lease
  pick claim receive
  attempt retry retries
  poison fails failed attempts
  alive reachable reference retained
  retain keep hold reference retainer
  object allocation allocate
  sawtooth saw
  allocation allocate heap
  bloat growth memory
  crash abort oom
  restart reboot
  137 oom killed container
  interval timer timeout
  timer interval
  closure callback
  map dictionary collection
  weakmap weakref reference
  buffer arraybuffer native
  instance replica pod
  failover eject replica
  unhealthy broken failing eject
  route balance
  sticky affinity balance
  algorithm policy strategy
  ratio rate
  percent rate
  percentage rate share
  lookup cache
  wrong stale
  simultaneous concurrent same
  thundering stampede
  ttl lifetime expiry
  refresh revalidate stale
  hash key
  prompt message
  account user principal
  identity principal caller user
  verify signature check validate
  signed signature
  sso login identity
  oauth jwt token login
  password hashing login
  permission role policy rights
  tenant owner ownership
  view read access
  enumerate guess guessable unguessable ids
  elevate escalate escalation privilege role
  bearer token
  viewer editor role
  internal private
  trust trusted believe reliable
  scrape scraper bot limiter
  burst spike window
  bucket window burst
  429 toomanyrequests
  firewall ip address
  header headers
  localhost loopback internal
  metadata internal
  webhook url callback
  link url
  redirect url
  injection input validation
  sanitize input validation
  slowloris slow idle timeouts
  quota budget allowance limiter
  budget cost tokens
  hide conceal secret
  plaintext readable
  encrypt encryption vault
  printed logs log
  console log
  bundle browser frontend
  mount mounted file
  leave escape leak
  revoke disable invalidate
  rollover rotation overlap
  overlap both
  history commit
`
  .trim()
  .split('\n')
  .map((line) => line.trim());
