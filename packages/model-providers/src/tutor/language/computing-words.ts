/**
 * Words that have hardly any meaning outside computing. A question with one of them is about this field, so its words
 * that no page contains matter little.
 */
export const TECHNICAL_WORDS: readonly string[] = `
  readiness liveness sigterm sigkill
  api apikey apis async asynchronous attacker authenticate authentication authn authorization authz autoscaling aws
  azure backend backpressure benchmark bola boolean browser byte bytes callback chatbot chatgpt ciphertext cli
  codebase coding config configuration constructor cors cpu credentials csrf css curl database db ddos debugger
  decrypt deploy deployment deserialize developer devops dns docker dom dotenv download encrypt encryption endpoint
  env failover fastify firewall flamegraph frontend gb gc gcp gigabyte git github gitlab golang gpt graphql groq grpc
  hacker heapused hotspot html http https idempotency idempotent idor instantiate ioc javascript json jwt k8s kafka kb
  kubernetes lambda latency linux llm localhost login logout loopback lru mb megabyte memcached memoize metadata
  microservice microservices middleware mongodb monolith multithreaded multithreading mutex mysql nginx node nodejs
  npm oauth ollama oom openai openapi opentelemetry orm p50 p90 p95 p99 parse parser passkey password payload php
  postgres postgresql profiler programmer programming proto protobuf proxy rabbitmq ram ratelimit rbac redis refactor
  refactoring regex replica replicas repo repository restful rpc rss runtime saas sdk semaphore serialization
  serialize serverless software sql sqlite sse ssl sso ssrf stacktrace stderr stdout tcp telemetry terraform
  throughput tls ttl typescript udp unicode unix upload uri url username utf utf8 uuid var vars webhook webpage
  website websocket xhr xml xss yaml
`
  .trim()
  .split(/\s+/);

/** Names of technologies. The pages answer no question about one that they do not contain. */
export const TECHNOLOGY_NAMES: readonly string[] = `
  airflow android angular ansible apache arduino asyncio bash bitcoin blockchain bootstrap cassandra celery clojure cobol
  cuda cypress dart datadog deno django dotnet dynamodb elasticsearch elixir erlang ethereum excel figma firebase flask
  flutter fortran gradle grafana gulp hadoop haskell heroku ios iphone istio jenkins jest jira jmeter jquery junit jupyter
  kanban keras kibana kotlin laravel lisp lua mac macos matlab maven mocha mongoose neo4j nestjs netlify nextjs numpy nuxt
  oracle pandas perl photoshop playwright powershell prisma pygame pytest pytorch rails raspberry ruby rust salesforce
  scala scikit scrum selenium solidity spark splunk storybook svelte swift symfony tensorflow tomcat ubuntu unity vercel
  vim vpn vscode vue webassembly webpack webrtc wifi windows wordpress xcode zig zookeeper java
`
  .trim()
  .split(/\s+/);

/**
 * Words of computing that also have everyday meanings. One that a page contains is evidence that the question is about
 * this field; one that no page contains is no evidence against it.
 */
export const COMPUTING_WORDS: readonly string[] = `
  admin agent ai algorithm analytics  architecture array artificial assistant authenticator backup bandwidth
  binary bit bot bug build button class client cloud cluster column command compiler component console cookie counter
  cron crud cursor dashboard data dataset datacenter  desktop device digital directory disk domain  driver
  email engine ephemeral exception executable field file filesystem firmware flag folder form framework gateway go
  graph gui hardware hash helm icon id ide iframe incident infrastructure input integer interface internet intranet
 kernel keyboard laptop layer loop  machine mailbox main method micro microsecond millisecond mobile
  model module monitor namespace nest  network object offline online operator os outage output package packet
  page param parameter patch path pattern pipeline plugin pod port portal prod prometheus python  readme
  recursion region registry release requirement resource response router row sandbox schema screen script
  semantic sharding shell snippet socket spec spreadsheet sprint stack staging startup state statement string struct
  subdomain subnet subprocess swarm symbol syntax table tenant terminal test text token tool toolchain tuple ui unit
  upstream uptime usability user util utility ux value variable vendor version vm web widget  
  wizard workflow workload workspace wrapper zip access automate back boot bounce break browse bypass calculate
  capture chat chunk circumvent click clog collapse conflict connect copy corrupt crunch deactivate debug delete
  disturb drag dump duplicate edit eliminate embed emit encounter enforce execute explode fake fetch filter flip
  format forward free function grant guess harm hide hog host inherit install integrate interrupt isolate load locate
  lock match merge migrate modify multiply pack publish pull push query reconnect record refresh register reject
  reload render replace reproduce restart restore retrieve reuse revert route save schedule search send serve setup
  sort spawn split steal store swallow switch terminate track transfer transform translate transmit trigger trust type
  undo unlock update upgrade verify view visit wait wake warn wipe default dynamic external global identical idle
  immediate independent internal lazy limited local mixed parallel popular primary prompt rare remote safe secondary
  sensitive stale static virtual gradually immediately instantly simultaneously
`
  .trim()
  .split(/\s+/);
