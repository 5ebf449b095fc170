/** Options of every connection to the database. Times are in milliseconds. */
export const CONNECTION_LIMITS = {
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
  // A host that loses its power or its network closes no connection. After 5 seconds without traffic the kernel asks for an
  // answer every second, and ends the connection when ten have not come. Its own default is two hours.
  keepAliveInitialDelayMillis: 5_000,
} as const;
