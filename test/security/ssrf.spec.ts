import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database, type DatabaseUrls } from '../../src/database/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { ServerSecret } from '../../src/server/common/http/index.js';
import { readConfig, type Config } from '../../src/server/config/index.js';
import { EventPages } from '../../src/server/notifications/events/event-pages.js';
import { SealedTexts } from '../../src/server/notifications/sealed-texts.js';
import { Deliveries } from '../../src/server/notifications/webhooks/deliveries.js';
import { findReachable, requireOutgoingUrl } from '../../src/server/common/outgoing/index.js';
import {
  asApplication,
  asOwner,
  givenDatabase,
  shiftClock,
  untilEventsSettle,
} from '../support/machines/database.js';
import { TestDns } from '../support/machines/dns.js';
import { collectGarbage } from '../support/requests/garbage.js';
import { Listener } from '../support/machines/listener.js';

jest.setTimeout(60_000);

/** Of this machine, of its network, or of nobody: none may be reached. */
const FORBIDDEN = [
  '127.0.0.1',
  '127.88.77.66',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fe80::1',
  'fec0::1',
  'fc00::1',
  'fd12:3456:789a::1',
  'ff02::1',
];
const PUBLIC = ['9.9.9.9', '193.190.198.27', '2620:fe::fe', '2a02:2788::1'];

/** A name of each address; an IPv4 address in IPv6 clothes is asked for in hexadecimal alone. */
const NAMED = [...FORBIDDEN, ...PUBLIC].filter((address) => !/:.*\./.test(address));
const nameOf = (address: string) => `n${NAMED.indexOf(address)}.example`;

describe('where a webhook may go', () => {
  let dns: TestDns;

  beforeAll(async () => {
    dns = await TestDns.of({
      ...Object.fromEntries(NAMED.map((address) => [nameOf(address), () => [address]])),
      'both.example': () => ['9.9.9.9', '127.0.0.1'],
      'both6.example': () => ['9.9.9.9', '::1'],
      'two.example': () => ['9.9.9.9', '193.190.198.27'],
    });
  });
  afterAll(() => dns.close());

  const find = (url: string, ranges: readonly string[] = [], turn = 0) =>
    findReachable(new URL(url), { resolver: dns.resolver, ranges, turn });
  const hostOf = (address: string) => (address.includes(':') ? `[${address}]` : address);

  it.each(FORBIDDEN)('is not %s, as it stands or behind a name', async (address) => {
    expect(() => requireOutgoingUrl(`https://${hostOf(address)}/`, [])).toThrow('input_invalid');
    expect(await find(`https://${hostOf(address)}/`)).toBeUndefined();
    if (NAMED.includes(address)) expect(await find(`https://${nameOf(address)}/`)).toBeUndefined();
  });

  it.each(PUBLIC)('is %s', async (address) => {
    expect(requireOutgoingUrl(`https://${hostOf(address)}/hook`, []).pathname).toBe('/hook');
    expect(await find(`https://${hostOf(address)}/`)).toBe(address);
    expect(await find(`https://${nameOf(address)}/`)).toBe(address);
  });

  it.each([
    ['a decimal host', 'https://2130706433/'],
    ['an octal host', 'https://0177.0.0.1/'],
    ['a hexadecimal host', 'https://0x7f000001/'],
    ['a short host', 'https://127.1/'],
    ['a host in full-width digits', 'https://１２７.０.０.１/'],
    ['a host with a dot at its end', 'https://127.0.0.1./'],
    ['a user', 'https://user@9.9.9.9/'],
    ['a password', 'https://:word@9.9.9.9/'],
    ['a host in the place of a user', 'https://9.9.9.9@127.0.0.1/'],
    ['a backslash', 'https://127.0.0.1\\@9.9.9.9/'],
    ['a fragment', 'https://9.9.9.9/#x'],
    ['plain HTTP', 'http://9.9.9.9/'],
    ['plain HTTP to a name', 'http://hook.example/'],
    ['another scheme', 'gopher://9.9.9.9/'],
    ['a file', 'file:///etc/passwd'],
    ['no URL', 'hook.example'],
    ['the port of a mail server', 'https://9.9.9.9:25/'],
    ['the port of a database', 'https://hook.example:5432/'],
  ])('is not to be registered with %s', (_, url) => {
    expect(() => requireOutgoingUrl(url, [])).toThrow('input_invalid');
  });

  it('is nowhere for a name that mixes good addresses with others, or that nobody knows', async () => {
    expect(await find('https://both.example/')).toBeUndefined();
    expect(await find('https://both6.example/')).toBeUndefined();
    expect(await find('https://nobody.example/')).toBeUndefined();
  });

  it('is one after the other of a name’s addresses', async () => {
    const [first, second] = [await find('https://two.example/'), await find('https://two.example/', [], 1)];
    expect([first, second].sort()).toEqual(['193.190.198.27', '9.9.9.9']);
  });

  it('is a range that the operator names, by plain HTTP as well, and nothing beside it', async () => {
    const ranges = ['10.1.0.0/16', 'fd12::/16', '192.168.1.1'];
    expect(await find('http://10.1.2.3:8080/', ranges)).toBe('10.1.2.3');
    expect(await find('http://192.168.1.1/', ranges)).toBe('192.168.1.1');
    expect(await find('http://[fd12:3456:789a::1]/', ranges)).toBe('fd12:3456:789a::1');
    for (const url of [
      'http://10.2.0.1/',
      'http://192.168.1.2/',
      'http://[::ffff:10.1.2.3]/',
      'http://127.0.0.1/',
    ])
      expect([url, await find(url, ranges)]).toEqual([url, undefined]);
  });
});

/**
 * Put into the database as no route would let them in, so that what stands in the way is the sending alone.
 */
describe('what webhooks send', () => {
  const data = mkdtempSync(join(tmpdir(), 'relais-ssrf-'));
  let urls: DatabaseUrls;
  let database: Database;
  let victims: readonly Listener[];
  let service: string;
  let hour = 0;

  beforeAll(async () => {
    urls = await givenDatabase();
    database = new Database(urls);
    victims = [
      await Listener.at('127.0.0.1'),
      // https to its port would be let through if the address were
      await Listener.at('127.88.77.66', 8443),
    ];
    service = await givenService(urls);
  });
  afterEach(() => asOwner(urls, 'DELETE FROM webhook; DELETE FROM event'));
  afterAll(async () => {
    for (const victim of victims) victim.close();
    await database.close();
    rmSync(data, { recursive: true });
  });

  function configWith(ranges: string): Config {
    return readConfig({
      RELAIS_DATA: data,
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
      RELAIS_WEBHOOK_RANGES: ranges,
    });
  }

  /** One event to each address, then the time for another try. */
  async function deliver(addresses: readonly string[], dns: TestDns, ranges = ''): Promise<void> {
    const config = configWith(ranges);
    const secret = new ServerSecret(config);
    const texts = new SealedTexts(secret);
    for (const url of addresses) {
      const id = newId();
      const values = [id, service, texts.seal(url, `webhook ${id}`)];
      await asApplication(urls, 'INSERT INTO webhook (id, service, url) VALUES ($1, $2, $3)', values);
    }
    await asApplication(urls, 'INSERT INTO event (service, referral, type) VALUES ($1, $2, $3)', [
      service,
      newId(),
      'message.new',
    ]);
    await untilEventsSettle(urls);
    const deliveries = new Deliveries(
      config,
      database,
      new EventPages(database),
      texts,
      secret,
      dns.resolver,
    );
    for (let round = 0; round < 2; round++) {
      await deliveries.run();
      await shiftClock(urls, `${(hour += 1)} hours`);
    }
  }

  const hits = () => victims.map(({ connections }) => connections);

  it('never reaches a listener of this machine, however it is written', async () => {
    const dns = await TestDns.of({
      'loopback.example': () => ['127.88.77.66'],
      'loopback6.example': () => ['::1'],
      'mapped.example': () => ['::ffff:7f58:4d42'],
      'first.example': () => ['9.9.9.9', '127.88.77.66'],
    });
    const port = victims[0]?.port ?? 0;
    await deliver(
      [
        ...[
          '127.0.0.1',
          'localhost',
          '2130706433',
          '0177.0.0.1',
          '0x7f.1',
          '127.1',
          '0.0.0.0',
          '[::ffff:127.0.0.1]',
        ].flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/`]),
        ...[
          '127.88.77.66',
          '[::ffff:127.88.77.66]',
          '2136493378',
          '0x7f584d42',
          '[64:ff9b::7f58:4d42]',
          '[2002:7f58:4d42::]',
        ].map((host) => `https://${host}:8443/`),
        ...['loopback', 'loopback6', 'mapped', 'first'].map((name) => `https://${name}.example:8443/`),
        `http://9.9.9.9@127.0.0.1:${port}/`,
        `https://user:word@127.88.77.66:8443/`,
      ],
      dns,
    );
    dns.close();
    expect(hits()).toEqual([0, 0]);
  });

  it('reaches it when the operator names it: what the others say is not by chance', async () => {
    const dns = await TestDns.of({});
    const before = hits();
    await deliver([victims[0]?.url ?? '', 'https://127.88.77.66:8443/'], dns, '127.0.0.1,127.88.77.66');
    dns.close();
    expect(victims[0]?.received.length).toBe(1);
    // no certificate: the connection is made, and nothing is said
    expect((hits()[1] ?? 0) > (before[1] ?? 0) && victims[1]?.received.length === 0).toBe(true);
  });

  it('goes to the address that was judged, though the name has changed meanwhile', async () => {
    const good = await Listener.at('127.0.0.2');
    const port = good.port;
    const victim = await Listener.at('127.0.0.1', port);
    const dns = await TestDns.of({ 'changing.example': (time) => [time === 0 ? '127.0.0.2' : '127.0.0.1'] });
    await deliver([`http://changing.example:${port}/`], dns, '127.0.0.2');
    await asApplication(urls, 'INSERT INTO event (service, referral, type) VALUES ($1, $2, $3)', [
      service,
      newId(),
      'message.new',
    ]);
    await deliver([], dns, '127.0.0.2');
    expect([good.connections, victim.connections]).toEqual([1, 0]);
    for (const each of [good, victim, dns]) each.close();
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %d', async (status) => {
    const good = await Listener.at('127.0.0.2');
    const victim = await Listener.at('127.0.0.1');
    good.answer = (response) => void response.writeHead(status, { location: victim.url }).end();
    const dns = await TestDns.of({});
    await deliver([good.url], dns, '127.0.0.2');
    expect(good.received.length).toBeGreaterThan(0);
    expect(victim.connections).toBe(0);
    for (const each of [good, victim, dns]) each.close();
  });

  it('reads no body that has no end, and waits for no answer that never comes', async () => {
    const endless = await Listener.at('127.0.0.2');
    let closed = 0;
    endless.answer = (response) => {
      response.on('close', () => (closed += 1));
      const more = () => {
        if (response.destroyed) return;
        response.write('x'.repeat(65_536));
        setImmediate(more);
      };
      response.writeHead(200);
      more();
    };
    const mute = await Listener.at('127.0.0.2');
    // whatever waits for it only by a weak reference is gone by then
    mute.answer = () => collectGarbage();
    const dns = await TestDns.of({});
    const started = Date.now();
    await deliver([endless.url, mute.url], dns, '127.0.0.2');
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(closed).toBe(1);
    for (const each of [endless, mute, dns]) each.close();
  });
});

/** An organisation with one service, as the registry would have written them. */
async function givenService(urls: DatabaseUrls): Promise<string> {
  const [organisation, service] = [newId(), newId()];
  await asOwner(
    urls,
    `INSERT INTO organisation (id, name, key, kid, registry_index)
       VALUES ('${organisation}', 'Une autre', sha256('k'), repeat('A', 43), 1);
     INSERT INTO service (id, organisation, name) VALUES ('${service}', '${organisation}', 'Nuit')`,
  );
  return service;
}
