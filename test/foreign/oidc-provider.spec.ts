import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Entrant } from '../support/network/entrant.js';
import { enrolForeign, type Algorithm, type ForeignDevice } from '../support/machines/foreign.js';
import type { Trick } from '../support/requests/jws-tricks.js';
import { givenOracle, type Oracle } from '../support/machines/oracle.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { tricksOf } from '../support/requests/token-tricks.js';
import { changed, now, type Kind } from '../support/requests/tokens.js';

type Generated = Trick & { readonly member: string };

/** Every member of header and claims, with each of these in its place. */
const MEMBERS: Readonly<Record<Kind, readonly string[]>> = {
  assertion: ['alg', 'typ', 'kid', 'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'],
  proof: ['alg', 'typ', 'jwk', 'htm', 'htu', 'iat', 'exp', 'nbf', 'jti', 'nonce', 'ath'],
};
const IN_HEADER = ['alg', 'typ', 'kid', 'jwk'];
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -1, 1, 1.5, 1e15, 2 ** 53, 1e300],
  ...['', ' ', '0', 'x', '*', 'x'.repeat(257), [], {}, [''], [0], [null], { toString: 'x' }],
  ...[now() - 30, now() - 4000, now() + 30, now() + 4000, String(now() + 30)],
];

/** What we refuse and the oracle takes, by member, and why. */
const STRICTER: Readonly<Record<string, string>> = {
  'assertion typ': 'a JWT of one use is none of another',
  'assertion kid': 'kid is a string (RFC 7515, 4.1.4)',
  'assertion exp': 'whole seconds, and at most five minutes after iat',
  'assertion iat': 'required, a whole number of seconds, not in the future: it bounds the lifetime',
  'assertion nbf': 'whole seconds of our century',
  'assertion jti': '1 to 256 characters',
  'proof iat': 'whole seconds',
  'proof exp': 'whole seconds',
  'proof nbf': 'whole seconds',
  'proof jti': '1 to 256 characters',
  'proof ath': 'where no token is, none is named',
};
/** What the oracle refuses although it is right, and why we take it. */
const LAXER: Readonly<Record<string, string>> = {
  'assertion nbf': 'a clock may run a minute ahead of ours',
  'proof iat': 'a phone’s clock may say anything: the nonce says the time',
  'proof nbf': 'by the proof’s own clock, and a minute more',
  'proof jti': 'the oracle takes a jti once per client, so not of a proof after it was an assertion’s',
};

function generatedOf(kind: Kind): Generated[] {
  return MEMBERS[kind].flatMap((member) =>
    VALUES.map((value): Generated => {
      const where = IN_HEADER.includes(member) ? 'header' : 'claims';
      const name = `${member} in ${JSON.stringify({ [member]: value }).slice(0, 60)}`;
      return { name, member, [where]: (good: object) => ({ ...good, [member]: value }) };
    }),
  );
}

/** The same table of bent JWTs shown to us and to an authorisation server that we have not written. */
describe.each<Algorithm>(['Ed25519', 'ES256'])('beside oidc-provider, with %s', (alg) => {
  let server: FoundedServer;
  let oracle: Oracle;
  let ours: Entrant;
  let theirs: Entrant;

  beforeAll(async () => {
    server = await givenNetwork();
    const device: ForeignDevice = await enrolForeign(server.network.laRuelle, alg);
    oracle = await givenOracle([device]);
    ours = await Entrant.at(server.address, device.id, device.key);
    theirs = await Entrant.at(oracle.address, device.id, device.key);
  });
  afterAll(async () => {
    await oracle.stop();
    await server.stop();
  });

  /** Whether a token was given; neither server may ever fail. */
  async function takes(by: Entrant, kind: Kind, change: object): Promise<boolean> {
    const of = (one: Kind) => changed(one === kind ? change : {}, one, by);
    const { status } = await by.post(await of('assertion'), await of('proof'));
    expect([200, 400, 401]).toContain(status);
    return status === 200;
  }

  it('takes what the oracle takes where nothing is bent', async () => {
    for (const by of [ours, theirs]) expect(await takes(by, 'proof', {})).toBe(true);
    const named = { header: (good: object) => ({ ...good, alg: 'EdDSA' }) };
    for (const kind of ['assertion', 'proof'] as const)
      for (const by of [ours, theirs]) expect(await takes(by, kind, named)).toBe(alg === 'Ed25519');
  });

  describe.each<Kind>(['assertion', 'proof'])('one %s', (kind) => {
    it('with a trick is refused by both, or the table says why we are stricter', async () => {
      const wrong: string[] = [];
      for (const trick of tricksOf(kind, alg)) {
        const [we, they] = [await takes(ours, kind, trick), await takes(theirs, kind, trick)];
        if (we || they !== (trick.why !== undefined)) wrong.push(`${trick.name}: we ${we}, they ${they}`);
      }
      expect(wrong).toEqual([]);
    });

    it('with any member bent is taken only where the oracle takes it, and the table says why not', async () => {
      const wrong: string[] = [];
      for (const bent of generatedOf(kind)) {
        const [we, they] = [await takes(ours, kind, bent), await takes(theirs, kind, bent)];
        const excused = (we ? LAXER : STRICTER)[`${kind} ${bent.member}`];
        if (we !== they && excused === undefined) wrong.push(`${bent.name}: we ${we}, they ${they}`);
      }
      expect(wrong).toEqual([]);
    });
  });
});
