import { idToBytes, randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { derivePaper, requireCode } from '../../../src/protocol/encoding/codes.js';
import { KIND, ROLE } from '../../../src/protocol/envelope/envelope.js';
import { sealEnvelope } from '../../../src/protocol/envelope/seal-envelope.js';
import { hashText, sign } from '../../../src/protocol/encoding/signed.js';
import type { Asked } from './directory-requests.js';
import { inDays } from '../network/founders.js';
import {
  givenSend,
  postSend,
  postWithdrawal,
  statementAfter,
  withdrawalOf,
  withOpening,
} from '../network/makers.js';
import type { Someone } from '../network/principals.js';
import type { FoundedServer } from '../machines/process.js';

type MakeRequests = Readonly<Record<string, (by: Someone) => Promise<Asked>>>;

/** The rarer acts. */
export async function actRequests(server: FoundedServer): Promise<MakeRequests> {
  const { network } = server;
  const { worker: sender, service } = network.laRuelle;
  const { sign: key, box } = await sender.epochOf(service);
  const givenSent = async () => {
    const { body, given } = await givenSend(network);
    await postSend(sender, body);
    return { id: given.referral, texts: body.statements.map(({ jws }) => jws), given };
  };
  return {
    'POST /v1/referrals/:id/transitions reminder': async () => ({
      params: { id: (await givenSent()).id },
      body: { event: 'reminder' },
    }),
    'POST /v1/referrals/:id/transitions renew-consent': async () => {
      const { id, texts, given } = await givenSent();
      const added = { kind: 'consent.renewed', keepUntil: inDays(given.day, 200) } as const;
      const statements = [statementAfter(texts, given, added, key)];
      return { params: { id }, body: { event: 'renew-consent', statements } };
    },
    'POST /v1/referrals/:id/transitions void': async () => {
      const { id, texts, given } = await givenSent();
      const reason = 'test-entry' as const;
      const statement = statementAfter(texts, given, { kind: 'consent.invalidated', reason }, key);
      const confirmation = confirmedByPaper(server, statement.jws);
      return {
        params: { id },
        body: { event: 'void', statusReason: reason, confirmation, statements: [statement] },
      };
    },
    'POST /v1/referrals/:id/carried-over': async () => {
      const { id, texts } = await givenSent();
      const { ctx, wraps, body } = sealEnvelope({
        kind: KIND.carriedOver,
        referral: idToBytes(id),
        consent: hashText(texts[0] ?? ''),
        recipients: [{ role: ROLE.sender, publicKey: box.publicKey }],
        content: () => randomBytes(32),
      });
      const [wrap = new Uint8Array(0)] = wraps;
      const sealed = { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
      return { params: { id }, body: sealed };
    },
  };
}

/** By the paper key of La Ruelle, in a second device's place. */
function confirmedByPaper({ network }: FoundedServer, statement: string): string {
  const { founder } = network.laRuelle;
  const of = { network: network.trust.network, organisation: founder.public.id };
  const payload = { ...of, statement: toBase64url(hashText(statement)) };
  return sign('confirmation+jws', payload, derivePaper(requireCode(founder.paperCode)).sign);
}

/** One that is not consumed does for all whose word does not count. */
export async function erasureRequests(server: FoundedServer): Promise<MakeRequests> {
  const { worker: sender, coordinator, service } = server.network.laRuelle;
  const { sign: key } = await sender.epochOf(service);
  const spare = await erasedReferral(server);
  return {
    'POST /v1/erasures': async (by) => {
      const own = [sender, coordinator].map(({ keys }) => keys.sign.kid);
      const { referral, leaves } = own.includes(by.sign.kid) ? await erasedReferral(server) : spare;
      const said = { log: sender.consentLog, kind: 'erasure.done' as const, service, leaves };
      const jws = sign('consent-statement+jws', { ...said, day: await sender.today() }, key);
      return { body: { statement: withOpening(jws), referrals: [referral] } };
    },
  };
}

interface Erased {
  readonly referral: string;
  readonly leaves: [number, number][];
}

/** Withdrawn, and with all of its leaves in the log: its source has still to say that it has erased. */
async function erasedReferral(server: FoundedServer): Promise<Erased> {
  const { worker, service } = server.network.laRuelle;
  const { body, given, person } = await givenSend(server.network);
  await postSend(worker, body);
  const texts = body.statements.map(({ jws }) => jws);
  await postWithdrawal(server, withdrawalOf(texts, given, person.sign));
  for (;;) {
    const call = { method: 'GET', path: '/v1/erasures', query: { service } } as const;
    const { items } = await worker.session.json<{ items: Erased[] }>(call);
    const found = items.find(({ referral }) => referral === body.referral);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
}
