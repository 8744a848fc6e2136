import { Injectable } from '@nestjs/common';
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { LOOPBACK, originHere } from '../../process.js';
import { connectionOptions, erasureFolders } from '../../database/index.js';
import { wholeNumber } from '../../protocol/encoding/whole-number.js';

export interface Settings {
  /** Directory of keys and fence; absolute, mode 0700. */
  readonly data: string;
  /**
   * Folders of the list of what was erased, which every start and a restore read: one of them best on the
   * disk of the backups.
   */
  readonly erasures: readonly string[];
  readonly urls: { readonly owner: string; readonly application: string; readonly sequencer: string };
  readonly host: string;
  readonly port: number;
  /** The server's origin as clients write it: audience of assertions, start of every `htu`. */
  readonly issuer: string;
  /** Requests a minute that one address may make; the person's door has the same again, for itself. */
  readonly requestsPerMinute: number;
  /** Milliseconds between two rounds of the sequencer. */
  readonly sequenceEveryMs: number;
  /** Reverse proxies on other machines, as addresses or ranges: only they, and this machine, say who asks. */
  readonly proxies: readonly string[];
  /** Addresses or ranges of one's own that webhooks may reach, and there by plain HTTP. */
  readonly webhookRanges: readonly string[];
  /** The mail server as a URL, and the address that mail comes from; none where no mail is sent. */
  readonly mail?: { readonly url: string; readonly from: string } | undefined;
}

/** The server's settings: read from the environment once, frozen, and refused when one is missing or weak. */
@Injectable()
export class Config implements Settings {
  readonly data: string;
  readonly erasures: readonly string[];
  readonly urls: Settings['urls'];
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly requestsPerMinute: number;
  readonly sequenceEveryMs: number;
  readonly proxies: readonly string[];
  readonly webhookRanges: readonly string[];
  readonly mail: Settings['mail'];

  constructor(settings: Settings) {
    this.data = settings.data;
    this.erasures = Object.freeze([...settings.erasures]);
    this.urls = Object.freeze({ ...settings.urls });
    this.host = settings.host;
    this.port = settings.port;
    this.issuer = settings.issuer;
    this.requestsPerMinute = settings.requestsPerMinute;
    this.sequenceEveryMs = settings.sequenceEveryMs;
    this.proxies = Object.freeze([...settings.proxies]);
    this.webhookRanges = Object.freeze([...settings.webhookRanges]);
    this.mail = settings.mail && Object.freeze({ ...settings.mail });
    Object.freeze(this);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const MIN_PASSWORD = 12;

/** Reads the environment. Throws an Error whose message says what to do, and never repeats a password. */
export function readConfig(env: Environment): Config {
  const port = numberOf(env, 'PORT', 3000, 65_535);
  const host = env['HOST'] ?? LOOPBACK;
  const data = requireDirectory(env['RELAIS_DATA']);
  return new Config({
    data,
    erasures: erasureFolders(data, env),
    urls: requireLogins(env),
    host,
    port,
    issuer: requireIssuer(env['RELAIS_ISSUER'] ?? originHere(host, port)),
    requestsPerMinute: numberOf(env, 'RELAIS_REQUESTS_PER_MINUTE', 600, 1_000_000),
    sequenceEveryMs: numberOf(env, 'RELAIS_SEQUENCE_EVERY_MS', 1000, 60_000),
    proxies: addresses(env, 'RELAIS_PROXIES'),
    webhookRanges: addresses(env, 'RELAIS_WEBHOOK_RANGES'),
    mail: mailOf(env),
  });
}

/** The keys of the logs lie there: nobody else on this machine may look. */
function requireDirectory(data: string | undefined): string {
  if (data === undefined || !isAbsolute(data)) {
    throw new Error('RELAIS_DATA must name an absolute directory for keys, for example /var/lib/relais.');
  }
  const found = statSync(data, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    throw new Error(`RELAIS_DATA is not a directory. Make it: mkdir -p -m 700 ${data}`);
  if ((found.mode & 0o077) !== 0)
    throw new Error(`RELAIS_DATA can be read by others. Mend it: chmod 700 ${data}`);
  return data;
}

function requireLogins(env: Environment): Settings['urls'] {
  const urls = {
    owner: requireUrl(env, 'DATABASE_OWNER_URL'),
    application: requireUrl(env, 'DATABASE_URL'),
    sequencer: requireUrl(env, 'DATABASE_SEQUENCER_URL'),
  };
  const logins = Object.values(urls).map((url) => new URL(url).username);
  if (new Set(logins).size < logins.length || logins.includes('')) {
    throw new Error(
      'DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL must name three different logins: what the ' +
        'application may do to the log is held by PostgreSQL. "relais doctor" prints the SQL that makes them.',
    );
  }
  return urls;
}

function requireUrl(env: Environment, name: string): string {
  const url = env[name];
  if (url === undefined)
    throw new Error(`${name} is missing. "relais serve" without any starts the embedded PostgreSQL.`);
  try {
    connectionOptions(url);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
  const { password, username } = new URL(url);
  // none at all is another way of proving oneself: a certificate, or the socket's own
  const isWeak = password !== '' && (password.length < MIN_PASSWORD || password === username);
  if (isWeak)
    throw new Error(`${name} has a weak password. Make a random one of ${MIN_PASSWORD} characters or more.`);
  return url;
}

/** Plain HTTP only on this machine: elsewhere every token would travel in the clear. */
function requireIssuer(text: string): string {
  if (!URL.canParse(text))
    throw new Error('RELAIS_ISSUER must be an origin, for example https://relais.example.org');
  const url = new URL(text);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(isHere && url.protocol === 'http:')) {
    throw new Error('RELAIS_ISSUER must be an https:// origin; http:// only for this machine itself.');
  }
  if (url.origin !== text)
    throw new Error(`RELAIS_ISSUER must be an origin alone, without a path: ${url.origin}`);
  return text;
}

/** Nobody is believed by mistake: a name, or a range without its length, is refused. */
function addresses(env: Environment, name: string): string[] {
  const list = (env[name] ?? '').split(',').map((each) => each.trim());
  const named = list.filter((each) => each !== '');
  if (named.every(isAddressOrRange)) return named;
  throw new Error(`${name} must be addresses or ranges with commas between, for example 10.0.0.2,fd00::/64.`);
}

function isAddressOrRange(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isLength = length === undefined || wholeNumber(length, 1, most) !== undefined;
  return version !== 0 && isLength && more.length === 0;
}

/** Both or neither; what is wrong is said without the password in it. */
function mailOf(env: Environment): Settings['mail'] {
  const { RELAIS_SMTP_URL: url, RELAIS_MAIL_FROM: from } = env;
  if (url === undefined && from === undefined) return undefined;
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
  if (!url || !parsed || !['smtp:', 'smtps:'].includes(parsed.protocol) || parsed.hostname === '')
    throw new Error('RELAIS_SMTP_URL must look like smtps://user:password@mail.example.org:465.');
  if (from === undefined || !/^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/.test(from))
    throw new Error(
      'RELAIS_MAIL_FROM must be the address that mail comes from, for example relais@example.org.',
    );
  return { url, from };
}

function numberOf(env: Environment, name: string, otherwise: number, max: number): number {
  const value = wholeNumber(env[name] ?? String(otherwise), 1, max);
  if (value === undefined) throw new Error(`${name} must be a whole number from 1 to ${max}.`);
  return value;
}
