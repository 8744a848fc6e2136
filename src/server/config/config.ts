import { Injectable } from '@nestjs/common';
import { isAbsolute } from 'node:path';

export interface Settings {
  /** Directory of keys and fence; absolute, mode 0700. */
  readonly data: string;
  readonly urls: { readonly owner: string; readonly application: string; readonly sequencer: string };
  readonly host: string;
  readonly port: number;
  /** The server's origin as clients write it: audience of assertions, start of every `htu`. */
  readonly issuer: string;
  /** Requests a minute that one address, and one device, may make. */
  readonly requestsPerMinute: number;
}

/** The server's settings: read from the environment once, frozen, and refused when one is missing or weak. */
@Injectable()
export class Config implements Settings {
  readonly data: string;
  readonly urls: Settings['urls'];
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly requestsPerMinute: number;

  constructor(settings: Settings) {
    this.data = settings.data;
    this.urls = Object.freeze({ ...settings.urls });
    this.host = settings.host;
    this.port = settings.port;
    this.issuer = settings.issuer;
    this.requestsPerMinute = settings.requestsPerMinute;
    Object.freeze(this);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readConfig(env: Environment): Config {
  const port = wholeNumber(env, 'PORT', 3000, 65_535);
  const host = env['HOST'] ?? '127.0.0.1';
  return new Config({
    data: requireDirectory(env),
    urls: {
      owner: requireUrl(env, 'DATABASE_OWNER_URL'),
      application: requireUrl(env, 'DATABASE_URL'),
      sequencer: requireUrl(env, 'DATABASE_SEQUENCER_URL'),
    },
    host,
    port,
    issuer: requireIssuer(env['RELAIS_ISSUER'] ?? `http://127.0.0.1:${port}`),
    requestsPerMinute: wholeNumber(env, 'RELAIS_REQUESTS_PER_MINUTE', 600, 1_000_000),
  });
}

function requireDirectory(env: Environment): string {
  const data = env['RELAIS_DATA'];
  if (data === undefined || !isAbsolute(data)) throw new Error('RELAIS_DATA must name an absolute directory for keys.');
  return data;
}

function requireUrl(env: Environment, name: string): string {
  const url = env[name];
  if (url === undefined || !/^postgres(ql)?:\/\//.test(url)) {
    throw new Error(`${name} must be a postgresql:// URL. "relais serve" without it starts the embedded PostgreSQL.`);
  }
  return url;
}

/** Plain HTTP only on this machine: elsewhere every token would travel in the clear. */
function requireIssuer(text: string): string {
  const url = new URL(text);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !isHere) throw new Error('RELAIS_ISSUER must be an https:// origin.');
  if (url.origin !== text) throw new Error('RELAIS_ISSUER must be an origin alone: scheme, host and port.');
  return text;
}

function wholeNumber(env: Environment, name: string, otherwise: number, max: number): number {
  const text = env[name] ?? String(otherwise);
  const value = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (!(value <= max)) throw new Error(`${name} must be a whole number up to ${max}.`);
  return value;
}
