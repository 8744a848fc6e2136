import { isIP } from 'node:net';
import type { Resolver } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { DomainError } from '../errors/index.js';

const PORTS = ['', '443', '8443'];
/** All that is routed as global unicast (RFC 4291); the rest of IPv6 is special or not given out. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Addresses or ranges that the operator lets webhooks and witnesses be at besides public ones. */
export type Ranges = readonly string[];

/**
 * A URL that a coordinator, whom the operator need not know, may have the server post to. Whether its name
 * leads to an address that may be reached is judged when it is reached, each time.
 * @throws DomainError input_invalid
 */
export function requireOutgoingUrl(text: string, ranges: Ranges): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isPlain(url)) throw new DomainError('input_invalid', { isText: (other) => other === text });
  const host = hostOf(url);
  const mayWork = isIP(host) === 0 ? ranges.length > 0 || isPublicForm(url) : mayReach(url, host, ranges);
  if (!mayWork) throw new DomainError('input_invalid', { isText: (other) => other === text });
  return url;
}

/**
 * The address to connect to: looked up once, so that what was judged is what is reached. None where any of a
 * name's addresses is one that must not be: who mixes them means no good. `turn` goes round among several.
 */
export async function findReachable(
  url: URL,
  { resolver, ranges, turn }: { resolver: Resolver; ranges: Ranges; turn: number },
): Promise<string | undefined> {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await lookUp(host, resolver) : [host];
  if (!isPlain(url) || !addresses.every((address) => mayReach(url, address, ranges))) return undefined;
  return addresses[turn % addresses.length];
}

/**
 * Asks DNS itself: the system's look-up cannot be bounded in time, and holds up the threads that write files.
 */
async function lookUp(host: string, resolver: Resolver): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

function isPlain({ protocol, username, password, hash, hostname }: URL): boolean {
  return ['https:', 'http:'].includes(protocol) && `${username}${password}${hash}` === '' && hostname !== '';
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function mayReach(url: URL, address: string, ranges: Ranges): boolean {
  const parsed = ipaddr.parse(address);
  return ranges.some((range) => isWithin(parsed, range)) || (isPublicForm(url) && isPublic(parsed));
}

function isPublicForm({ protocol, port }: URL): boolean {
  return protocol === 'https:' && PORTS.includes(port);
}

type Address = ReturnType<typeof ipaddr.parse>;

/** An IPv4 address in IPv6 clothes is in no range of either kind. */
function isWithin(address: Address, range: string): boolean {
  const [base, length] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), undefined];
  return address.kind() === base.kind() && address.match(base, length ?? (base.kind() === 'ipv4' ? 32 : 128));
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}
