/**
 * Terms of computing that consist of several words. A question that contains one is about that subject. Pages that contain
 * only its single words, e.g. "consistent" and "password hashing", do not answer it.
 */
export const FIELD_TERMS: readonly string[] = `
  actor model / ambassador pattern / adapter pattern / attention mechanism / b tree / backend for frontend / behavior driven
  big o notation / binary search / binary tree / bloom filter / blue green / border gateway protocol / borrow checker
  bounded context / branch prediction / breadth first search / bubble sort / buffer overflow / builder pattern
  bulkhead pattern / business intelligence / byzantine fault / cache coherence / canary deployment / canary release
  cap theorem / certificate pinning / chain of thought / change data capture / chaos engineering / cherry pick
  clean architecture / code review / command pattern / computer vision / congestion control / consensus algorithm
  consistent hashing / consumer group / content delivery network / context switch / continuous batching
  continuous delivery / continuous deployment / continuous integration / css grid / data lake / data mesh / data pipeline
  data science / data warehouse / database normalization / database replication / database sharding / dead letter
  decorator pattern / deep learning / depth first search / design pattern / diffie hellman / digital signature
  dns resolution / document database / domain driven / dynamic programming / elliptic curve / event driven
  event sourcing / eventual consistency / facade pattern / factory pattern / false sharing / feature flag / feature store
  few shot / foreign key / functional programming / genetic algorithm / gossip protocol / gradient descent
  graph database / green thread / hash table / hexagonal architecture / horizontal pod / image recognition
  infrastructure as code / inner join / isolation level / key exchange / knowledge distillation / knowledge graph
  kv cache / lambda architecture / lamport clock / leader election / leader follower / left join / linear regression
  linked list / liskov substitution / logical clock / log structured merge / lsm tree / machine learning / man in the middle
  map reduce / master slave / materialized view / media query / mediator pattern / memory barrier / merge conflict
  merge sort / merkle tree / message broker / mobile app / model view controller / multi master / mutual tls
  natural language processing / neural network / normal form / object oriented / object relational mapping
  observer pattern / open closed principle / optimistic locking / outbox pattern / outer join / page table
  paged attention / pair programming / pessimistic locking / prompt engineering / prompt injection / pub sub
  public key infrastructure / pull request / query optimizer / query plan / quick sort / raft consensus / read replica
  red black tree / reference counting / reinforcement learning / rendezvous hashing / repository pattern
  retrieval augmented generation / rolling update / saga pattern / search engine / server side rendering
  service discovery / service mesh / service worker / shortest path / sidecar pattern / skip list / smart contract
  smart pointer / snapshot isolation / solid principle / speculative decoding / split brain / sql injection
  star schema / state machine / state management / static site / stored procedure / strangler fig / strategy pattern
  subnet mask / support vector / tcp handshake / test driven / three phase commit / three way handshake
  time series database / transformer architecture / two phase commit / two phase locking / unit of work
  url shortener / vector clock / vector database / vector search / virtual dom / virtual machine / virtual memory
  abstract class / access modifier / array method / arrow function / big data / class diagram / cloud function
  commit message / compiler / css selector / cookie banner / cron expression / dictionary / docker compose / dot product
  enum / for loop / game engine / generic type / git branch / git commit / git merge / git rebase / hash map / hash set
  higher order function / http client library / inheritance / interface segregation / iterator / lambda expression
  last commit / lexical scope / list comprehension / machine code / map function / matrix multiplication / method overloading
  mobile development / multiple inheritance / nested loop / null pointer / operator overloading / pattern matching
  pivot table / pointer / polymorphism / prime number / priority queue / project management / react component / react hook
  recursion / regular language / responsive design / software license / stack overflow / stack trace / string formatting
  tail recursion / technical debt / ternary operator / text editor / tree traversal / tuple / type inference / ui design
  unit conversion / user story / version control / video encoding / visitor pattern / web assembly / web worker / write ahead log / zero knowledge / zero trust
`
  .split(/[/\n]/)
  .map((term) => term.trim())
  .filter((term) => term !== '');
