import type { RateDecision, RateLimiter, WrongKeyLimiter } from '@prodigon/ports';
import ipaddr from 'ipaddr.js';

const WRONG_KEYS_PER_MIN = 20;
/** One host usually has a whole network of this size, and could use a new address for each guess. */
const IPV6_NETWORK_BITS = 64;

/** Creates a limit of 20 wrong keys a minute for each address. The addresses of one IPv6 network count as one. */
export function createWrongKeyLimiter(rates: RateLimiter): WrongKeyLimiter {
  const waitOf = ({ refusal }: RateDecision) => (refusal ? Math.ceil(refusal.retryAfterMs / 1_000) : null);
  return {
    check(address) {
      const decision = rates.take([{ bucket: `wrong-keys:${networkOf(address)}`, limitPerMin: WRONG_KEYS_PER_MIN, amount: 1 }]);
      return decision instanceof Promise ? decision.then(waitOf) : waitOf(decision);
    },
  };
}

/** Some proxies forward an address with its port, which changes with each connection. Texts without an address count as one. */
function networkOf(text: string): string {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString().split('%', 1)[0]}/${IPV6_NETWORK_BITS}`).toString();
}
