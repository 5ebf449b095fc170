// Exits with 0 if every URL returns a status below 400, otherwise with 1. Usage: check-health.mjs URL …
import { get } from 'node:http';

const results = await Promise.all(process.argv.slice(2).map(returnsOk));
process.exit(results.every(Boolean) ? 0 : 1);

function returnsOk(url) {
  return new Promise((resolve) => {
    // The gateway rejects unknown host names, and knows localhost.
    const request = get(url, { headers: { host: 'localhost' }, timeout: 5_000 }, (response) =>
      resolve(response.resume().statusCode < 400),
    );
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}
