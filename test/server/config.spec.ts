import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/server/config/config.js';

const data = mkdtempSync(join(tmpdir(), 'relais-config-'));
const SECRET = 'a-long-random-word';
const GOOD = {
  RELAIS_DATA: data,
  DATABASE_URL: `postgresql://application:${SECRET}@localhost/relais`,
  DATABASE_OWNER_URL: `postgresql://owner:${SECRET}@localhost/relais`,
  DATABASE_SEQUENCER_URL: `postgresql://sequencer:${SECRET}@localhost/relais`,
};

describe('the settings', () => {
  afterAll(() => {
    rmSync(data, { recursive: true });
  });

  it('come from the environment, with sober defaults, and cannot be changed', () => {
    const config = readConfig(GOOD);
    expect(config).toMatchObject({ data, host: '127.0.0.1', port: 3000, proxies: [] });
    expect(config.issuer).toBe('http://127.0.0.1:3000');
    expect(Object.isFrozen(config) && Object.isFrozen(config.urls)).toBe(true);
  });

  it.each([
    ['::1', 'http://[::1]:3000'],
    ['localhost', 'http://localhost:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://127.0.0.1:3000'],
  ])('at HOST=%s say %s of themselves', (HOST, issuer) => {
    expect(readConfig({ ...GOOD, HOST })).toMatchObject({ host: HOST, issuer });
  });

  it.each(Object.keys(GOOD))('are refused without %s, by its name', (name) => {
    expect(() => readConfig({ ...GOOD, [name]: undefined })).toThrow(new RegExp(`^${name} `));
  });

  it.each([
    ['a relative directory', { RELAIS_DATA: 'keys' }, /absolute directory/],
    ['a directory that is not there', { RELAIS_DATA: join(data, 'none') }, /mkdir -p -m 700/],
    ['one login for two purposes', { DATABASE_URL: GOOD.DATABASE_OWNER_URL }, /three different logins/],
    [
      'a weak password',
      { DATABASE_URL: 'postgresql://application:relais@localhost/relais' },
      /weak password/,
    ],
    ['another kind of database', { DATABASE_URL: 'mysql://localhost/relais' }, /looks like postgresql/],
    ['unverified TLS', { DATABASE_URL: 'postgresql://a:b@db.example.org/r?sslmode=disable' }, /verified TLS/],
    ['plain HTTP for others', { RELAIS_ISSUER: 'http://relais.example.org' }, /https/],
    ['another scheme', { RELAIS_ISSUER: 'ftp://localhost' }, /https/],
    ['an issuer with a path', { RELAIS_ISSUER: 'https://relais.example.org/api' }, /origin alone/],
    ['an issuer that is no URL', { RELAIS_ISSUER: 'relais' }, /must be an origin/],
    ['a port out of range', { PORT: '70000' }, /PORT must be a whole number from 1 to 65535/],
    ['a port that is a word', { PORT: 'http' }, /PORT must be/],
    ...['proxy', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/0'].map(
      (proxy) =>
        [`${proxy} as a proxy`, { RELAIS_PROXIES: `10.0.0.1,${proxy}` }, /RELAIS_PROXIES must be/] as const,
    ),
    [
      'a name as a range for webhooks',
      { RELAIS_WEBHOOK_RANGES: 'intranet' },
      /RELAIS_WEBHOOK_RANGES must be/,
    ],
    ['a mail server without a sender', { RELAIS_SMTP_URL: 'smtps://mail.example.org' }, /RELAIS_MAIL_FROM/],
    ['a sender without a mail server', { RELAIS_MAIL_FROM: 'relais@example.org' }, /RELAIS_SMTP_URL/],
    [
      'a mail server by HTTP',
      { RELAIS_SMTP_URL: 'https://mail.example.org', RELAIS_MAIL_FROM: 'relais@example.org' },
      /RELAIS_SMTP_URL/,
    ],
    ['no request at all', { RELAIS_REQUESTS_PER_MINUTE: '0' }, /RELAIS_REQUESTS_PER_MINUTE must be/],
  ])('are refused with %s, and the message says what to do', (_, change, message) => {
    expect(() => readConfig({ ...GOOD, ...change })).toThrow(message);
  });

  it('name the reverse proxies of other machines', () => {
    const { proxies } = readConfig({ ...GOOD, RELAIS_PROXIES: '10.0.0.1, fd00::/64,' });
    expect(proxies).toEqual(['10.0.0.1', 'fd00::/64']);
  });

  it('name a mail server and a sender together, or neither', () => {
    const mail = { RELAIS_SMTP_URL: 'smtps://u:p@mail.example.org', RELAIS_MAIL_FROM: 'relais@example.org' };
    expect(readConfig({ ...GOOD, ...mail }).mail).toEqual({
      url: mail.RELAIS_SMTP_URL,
      from: mail.RELAIS_MAIL_FROM,
    });
    expect(readConfig(GOOD).mail).toBeUndefined();
  });

  it('are refused when others can read the keys, and no message repeats a password', () => {
    chmodSync(data, 0o750);
    expect(() => readConfig(GOOD)).toThrow(`chmod 700 ${data}`);
    chmodSync(data, 0o700);
    const weak = { ...GOOD, DATABASE_URL: 'postgresql://application:hunter2@localhost/relais' };
    expect(() => readConfig(weak)).not.toThrow(/hunter2/);
  });
});
