import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toBase64, toBase64url, toHex } from '../../src/protocol/encoding/bytes.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { Findings } from '../../src/protocol/audit/report.js';
import { verifyCommand } from '../../src/cli/verify.js';
import { MESSAGES } from '../../src/client/audit/audit-messages.js';
import { TestNetwork, YEAR, type TestConsent } from '../support/log/public-log.js';

let root: string;
let printed: string;
const network = new TestNetwork();
const consents: TestConsent[] = [];

async function write(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'relais-verify-'));
  for (let i = 0; i < 11; i++)
    consents.push(network.withdraw(network.receive(network.release(network.give()))));
  network.finish();
  for (const [path, bytes] of network.publish()) await write(`log/${path}`, bytes);
  for (const [i, consent] of consents.entries())
    await write(`cases/${i + 1}.json`, canonicalText(await network.open(consent)));
  await write('cases/notes.txt', 'not a case');
  await write('trust.json', JSON.stringify(network.trust));
  await write('checkpoints/monday', network.consent.checkpoint(20));
});

afterAll(() => rm(root, { recursive: true }));

beforeEach(() => {
  printed = '';
  const print = (text: unknown): boolean => (printed += String(text)) !== '';
  jest.spyOn(process.stdout, 'write').mockImplementation(print);
  jest.spyOn(process.stderr, 'write').mockImplementation(print);
});

afterEach(() => {
  jest.restoreAllMocks();
});

const run = (...options: string[]): Promise<number> =>
  verifyCommand([join(root, 'log'), '--trust', join(root, 'trust.json'), ...options]);

describe('relais verify', () => {
  it.each(['en', 'fr', 'nl'] as const)(
    'says on one page what was checked and what not, in %s',
    async (language) => {
      const code = await run(
        '--cases',
        join(root, 'cases'),
        '--checkpoints',
        join(root, 'checkpoints'),
        '--language',
        language,
      );
      const say = MESSAGES[language];
      expect([code, printed.split('\n').length < 50]).toEqual([0, true]);
      for (const line of [
        say.sound,
        say.unwitnessed,
        say.checks.release,
        say.checks.consistency,
        say.gaps.tallies,
        say.alwaysOpen,
      ])
        expect(printed).toContain(line);
      expect(printed).not.toMatch(/\{[a-z]+\}/);
      expect(printed).not.toContain(say.unknownFiles);
    },
  );

  it('shows how far it is, to whoever sits at a terminal and to nobody else', async () => {
    await run();
    expect(printed).not.toContain(' %');
    const { isTTY } = process.stderr;
    process.stderr.isTTY = true;
    printed = '';
    try {
      await run();
    } finally {
      process.stderr.isTTY = isTTY;
    }
    // these logs fit into a bundle each: the line is cleared before the report
    expect(printed.startsWith('\r\u001B[K')).toBe(true);
  });

  it('prints its report as JSON', async () => {
    expect(await run('--cases', join(root, 'cases'), '--json')).toBe(0);
    const report = JSON.parse(printed) as { sound: boolean; counts: object };
    expect([report.sound, report.counts]).toEqual([
      true,
      { leaves: 64, anchors: 2, entries: 9, cases: 11, statements: 44 },
    ]);
  });

  it('shows no opening, salt or text of a case, sound or not', async () => {
    const [first] = consents;
    await write(
      'bad/1.json',
      canonicalText({ ...(first && (await network.open(first))), fields: '["religion"]' }),
    );
    expect(await run('--cases', join(root, 'bad'))).toBe(1);
    expect(await run('--cases', join(root, 'bad'), '--json')).toBe(1);
    expect(await run('--cases', join(root, 'cases'), '--json')).toBe(0);
    expect(printed).toContain('fields-commitment');
    const secrets = consents.flatMap(({ statements, salts, id, referral }) => [
      ...statements.flatMap(({ opening, jws }) => [
        toBase64(opening),
        toBase64url(opening),
        toHex(opening),
        jws,
      ]),
      toBase64url(salts.fields),
      toBase64url(salts.consentRecord),
      id,
      referral,
    ]);
    for (const secret of [...secrets, 'religion', 'calledName']) expect(printed).not.toContain(secret);
  });

  it('numbers cases as people count', async () => {
    await write('many/10.json', '{');
    await write('many/9.json', '{');
    await run('--cases', join(root, 'many'));
    expect(printed.indexOf('9.json')).toBeLessThan(printed.indexOf('10.json'));
  });

  it('ends with 1 and names what does not hold, cut short when it is long', async () => {
    for (let i = 0; i < 25; i++) await write(`log/consent/${YEAR}/stray\u001b${i}`, 'x');
    expect(await run('--language', 'en')).toBe(1);
    expect(printed).toContain('25 thing(s) do not hold');
    expect(printed).toContain('… and 5 more');
    expect(printed).toContain('✗ nothing lies in the log that does not belong to it');
    expect(printed).not.toContain('\u001b');
    await Promise.all(
      Array.from({ length: 25 }, (_, i) => rm(join(root, `log/consent/${YEAR}/stray\u001b${i}`))),
    );
  });

  it('ends with 2 when something is missing', async () => {
    const tile = `log/consent/${YEAR}/tile/0/000.p/64`;
    await rm(join(root, tile));
    expect(await run('--language', 'en')).toBe(2);
    expect(printed).toContain(MESSAGES.en.incomplete);
    await mkdir(join(root, tile));
    expect(await run('--language', 'en')).toBe(2);
    await rm(join(root, tile), { recursive: true });
    await write(tile, network.publish().get(`consent/${YEAR}/tile/0/000.p/64`) ?? '');
  });

  it('ends with 2 and says why when it is not asked rightly', async () => {
    const [log, trust] = [join(root, 'log'), join(root, 'trust.json')];
    await write('wrong.json', '{"network":1}');
    await write(
      'other.json',
      JSON.stringify({ ...network.trust, logs: { consent: ['a'], registry: ['b'] } }),
    );
    const { en } = MESSAGES;
    const asked: readonly (readonly [string, string[]])[] = [
      ['FOLDER|ADDRESS is missing', []],
      ['--trust is missing', [log]],
      ['one word too many', [log, log, '--trust', trust]],
      ['no option --unknown', [log, '--trust', trust, '--unknown']],
      [en.saveWhat, [log, '--trust', trust, '--save', log]],
      [en.saveWhat, ['http://127.0.0.1:1', '--trust', trust]],
      [en.notEmpty.split('. ')[0]?.slice(6) ?? '', ['http://127.0.0.1:1', '--trust', trust, '--save', log]],
      ['--language must be en|fr|nl', [log, '--trust', trust, '--language', 'de']],
      [en.noDirectory.split(' {')[0] ?? '', [join(root, 'nowhere'), '--trust', trust]],
      [en.noDirectory.split(' {')[0] ?? '', [trust, '--trust', trust]],
      [en.noTrust.split(' {')[0] ?? '', [log, '--trust', join(root, 'nowhere')]],
      [en.badTrust.split(' {')[0] ?? '', [log, '--trust', join(root, 'wrong.json')]],
      [en.badTrust.split(' {')[0] ?? '', [log, '--trust', join(root, 'other.json')]],
      [en.noCases.split(' {')[0] ?? '', [log, '--trust', trust, '--cases', trust]],
      [en.noCases.split(' {')[0] ?? '', [log, '--trust', trust, '--checkpoints', join(root, 'nowhere')]],
    ];
    for (const [message, argv] of asked) {
      printed = '';
      const languages = argv.includes('--language') ? [] : ['--language', 'en'];
      expect([argv, await verifyCommand([...argv, ...languages])]).toEqual([argv, 2]);
      expect(printed).toContain(message);
    }
  });

  it('speaks the language of the terminal where it can', async () => {
    const before = process.env['LC_ALL'];
    for (const [locale, title] of [
      ['nl_BE.UTF-8', MESSAGES.nl.title],
      ['de_DE.UTF-8', MESSAGES.en.title],
    ] as const) {
      process.env['LC_ALL'] = locale;
      await run();
      expect(printed).toContain(title);
    }
    if (before === undefined) delete process.env['LC_ALL'];
    else process.env['LC_ALL'] = before;
  });

  it('ends with 2 when a case file cannot be read, and names it', async () => {
    await mkdir(join(root, 'unreadable', '2.json'), { recursive: true });
    expect(await run('--cases', join(root, 'unreadable'), '--language', 'en')).toBe(2);
    expect(printed).toContain(`${MESSAGES.en.missing}\n  2.json`);
  });

  it('ends with 3, not with a violation, on a fault of its own', async () => {
    jest.spyOn(process.stdout, 'write').mockImplementation(() => {
      throw new TypeError('ours');
    });
    expect(await run('--language', 'en')).toBe(3);
    expect(printed).toBe('This program has a fault (TypeError): that says nothing about the log.\n');
  });

  it('does not take a fault of its own for a violation', () => {
    const fault = (): never => {
      throw new TypeError('ours');
    };
    expect(() => new Findings().attempt('note', 'x', fault)).toThrow(TypeError);
  });
});
