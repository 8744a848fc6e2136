import {
  acknowledge,
  fetchProofs,
  findService,
  proposeAgreement,
  sendReferral,
  uploadAttachment,
} from '../../../src/client/index.js';
import { newId, randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { textHash } from '../../../src/protocol/registry/charter.js';
import { boxKey } from '../../../src/protocol/crypto/keys.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import { actRequests, erasureRequests } from './act-requests.js';
import { givenProposal } from '../network/agreements.js';
import { auditRequests } from '../log/audits.js';
import type { RawRequest } from './caller.js';
import { givenFile, givenMessage, givenUpload, sealWithFiles } from '../network/content.js';
import { asOwner } from '../machines/database.js';
import { directoryRequests } from './directory-requests.js';
import {
  foundingBody,
  freshKey,
  givenDevice,
  givenEpoch,
  givenOrganisation,
  jwkOf,
} from '../network/founders.js';
import {
  givenReferral,
  givenSend,
  postAct,
  postSend,
  statementAfter,
  withdrawalOf,
} from '../network/makers.js';
import { insertDevice, revocationOf, type Someone } from '../network/principals.js';
import type { FoundedServer } from '../machines/process.js';
import { receiptRequests } from './receipt-requests.js';

/** `METHOD /path/:param`, and where a route takes several kinds of body, a word for which. */
export type RouteName = string;

/** What a route needs beside its name. */
export interface RouteRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object;
}

/** The request as it goes out. */
export function rawRequest(route: RouteName, { params = {}, query = '', body }: RouteRequest): RawRequest {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replace(/:\w+|\*/g, (name) => params[name.replace(':', '')] ?? name);
  const headers = { 'idempotency-key': newId() };
  return { method, path: path + query, headers, ...(body && { body: JSON.stringify(body) }) };
}

/**
 * A request that is right in everything but perhaps its sender; a fresh one each time, so none spoils the
 * next.
 */
type MakeRequest = (by: Someone) => RouteRequest | Promise<RouteRequest>;

export type Requests = Readonly<Record<RouteName, MakeRequest>>;

/** How each route is asked; one that is not here needs nothing. */
export async function givenRequests(server: FoundedServer): Promise<Requests> {
  const read = await readRequests(server);
  return {
    ...read,
    ...(await directoryRequests(server)),
    ...keyRequests(server),
    ...agreementRequests(server),
    ...referralRequests(server),
    ...(await receiptRequests(server)),
    ...(await actRequests(server)),
    ...(await erasureRequests(server)),
    ...auditRequests(server),
    ...noticeRequests(server),
  };
}

async function readRequests(server: FoundedServer): Promise<Requests> {
  const { laRuelle, clinique } = server.network;
  const { referral } = await givenReferral(server, 'received');
  await fetchProofs(laRuelle.worker, referral);
  const agreement = await proposeAgreement(laRuelle.coordinator, await givenProposal(server));
  const attachment = await givenSentAttachment(server);
  const [, year = ''] = /registry\/(\d{4})/.exec(laRuelle.worker.state.network.policy) ?? [];
  const log = { kind: 'registry', year };
  const size = await publishedSize(`${server.address}/log/registry/${year}/checkpoint`);
  return {
    'GET /log/:kind/:year/checkpoint': () => ({ params: log }),
    'GET /log/:kind/:year/cosignatures': () => ({ params: log }),
    'GET /log/:kind/:year/policy': () => ({ params: log }),
    'POST /log/:kind/:year/cosignatures': () => ({
      params: log,
      body: { size, cosignatures: ['— stranger AAAAAAAA'] },
    }),
    'GET /log/:kind/:year/tile/*': () => ({ params: { ...log, '*': `0/000.p/${size}` } }),
    'GET /v1/agreements/:id': () => ({ params: { id: agreement } }),
    'GET /v1/charter/versions/:version': () => ({ params: { version: '1' } }),
    'GET /problems/:code': () => ({ params: { code: 'wrong_state' } }),
    'GET /v1/notices/:notice/:language': () => ({ params: { notice: 'refer@1', language: 'fr' } }),
    'GET /v1/schemas/:name': () => ({ params: { name: 'service-profile' } }),
    'GET /v1/referrals': () => ({ query: '?box=inbox' }),
    'GET /v1/referrals/:id': () => ({ params: { id: referral } }),
    'GET /v1/referrals/:id/handoff': () => ({ params: { id: referral } }),
    'GET /v1/referrals/:id/proofs': () => ({ params: { id: referral } }),
    'GET /v1/erasures': () => ({ query: `?service=${clinique.service}` }),
    'GET /v1/referrals/:id/messages': () => ({ params: { id: referral } }),
    'GET /v1/attachments/:id': () => ({ params: { id: attachment } }),
    'GET /v1/attachments/:id/parts/:number': () => ({ params: { id: attachment, number: '0' } }),
    'GET /v1/services/:id': () => ({ params: { id: clinique.service } }),
  };
}

/** An attachment of a referral that was sent and acknowledged, as the job leaves it. */
async function givenSentAttachment({ network, urls }: FoundedServer): Promise<string> {
  const { sealed, files } = await sealWithFiles(network, [givenFile(1)]);
  const [file] = files as [(typeof files)[number]];
  await uploadAttachment(network.laRuelle.worker, file);
  await sendReferral(network.laRuelle.worker, sealed);
  await acknowledge(network.clinique.worker, sealed.referral);
  await asOwner(urls, 'UPDATE attachment SET begun_at = NULL');
  return file.upload.attachment;
}

/** Each to La Ruelle, where nobody listens. */
function noticeRequests({ network, urls }: FoundedServer): Requests {
  const { service } = network.laRuelle;
  return {
    'GET /v1/events': () => ({ query: `?service=${network.clinique.service}` }),
    'POST /v1/webhooks': () => ({ body: { service, url: 'http://127.0.0.1:9/' } }),
    'POST /v1/webhooks/removals': async () => {
      const webhook = newId();
      await asOwner(
        urls,
        `INSERT INTO webhook (id, service, url, failed_on) VALUES ('${webhook}', '${service}', '', domain_today())`,
      );
      return { body: { webhook } };
    },
    'POST /v1/mail-notices': () => ({
      body: { service, address: 'equipe@laruelle.invalid', language: 'fr' },
    }),
    'POST /v1/mail-notices/removals': async () => {
      await asOwner(
        urls,
        `INSERT INTO mail_notice (service, address, language) VALUES ('${service}', '', 'fr') ON CONFLICT DO NOTHING`,
      );
      return { body: { service } };
    },
  };
}

/** The size of a log, once something of it has been published. */
export async function publishedSize(checkpoint: string): Promise<string> {
  for (;;) {
    const response = await fetch(checkpoint);
    const [, size = '0'] = (await response.text()).split('\n');
    if (response.ok && size !== '0') return size;
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** As if it had been begun: however many tests ask for one, nobody's limit is reached. */
async function insertUpload({ urls }: FoundedServer, upload: ReturnType<typeof givenUpload>): Promise<void> {
  const { attachment, referral, service, size } = upload;
  await asOwner(
    urls,
    `INSERT INTO attachment (id, referral, service, size) VALUES ('${attachment}', '${referral}', '${service}', ${size})`,
  );
}

function keyRequests(server: FoundedServer): Requests {
  const { laRuelle, trust } = server.network;
  const { founder, coordinator, service } = laRuelle;
  const organisation = { id: founder.public.id, name: founder.public.name };
  const own = { organisation, coordinator: coordinator.coordinatorKey(), services: [service] };
  const at = async () => ({ network: trust.network, today: await coordinator.today() });
  return {
    'POST /v1/network/founding': async () => ({
      body: foundingBody(await at(), 'no-such-token', [givenOrganisation(await at(), 'Une autre')]),
    }),
    'POST /v1/devices': async () => {
      const device = givenDevice(await at(), { ...own, role: 'worker' });
      return { body: { certificate: device.certificate, box: toBase64url(device.box.publicKey) } };
    },
    'POST /v1/devices/:id/revocation': async () => {
      const { id } = await insertDevice(server, { ...own, organisation: organisation.id, role: 'worker' });
      return { params: { id }, body: await revocationOf(laRuelle, id) };
    },
    'POST /v1/grants': async (by) => {
      const { epoch, boxId } = (await findService(laRuelle.worker, service)).key;
      const [deviceBoxId, sealed] = [toBase64url(randomBytes(32)), toBase64url(randomBytes(1168))];
      const grant = { network: trust.network, service, epoch, boxId, deviceBoxId, sealed };
      return { body: { grants: [sign('key-grant+jws', grant, by.sign)] } };
    },
    'POST /v1/invitations': () => ({
      body: {
        key: toBase64url(freshKey().publicKey),
        role: 'worker',
        services: [service],
        expires: new Date(Date.now() + 3_600_000).toISOString(),
        welcome: toBase64url(randomBytes(64)),
      },
    }),
    'POST /v1/invitation/request': (by) => {
      const [auth, key, box] = [
        jwkOf(freshKey()),
        toBase64url(freshKey().publicKey),
        boxKey(randomBytes(32)),
      ];
      const boxes = { box: toBase64url(box.publicKey), boxId: toBase64url(box.id) };
      const request = { network: trust.network, auth, key, ...boxes };
      return { body: { request: sign('device-request+jws', request, by.sign) } };
    },
    'POST /v1/registry/entries': async () => {
      const added = { ...own, service: { id: newId(), name: 'Nuit' }, previous: null };
      return { body: { entries: [givenEpoch(await at(), added).entry] } };
    },
    'POST /v1/services/:id/status': () => ({ params: { id: service }, body: { status: 'open' } }),
  };
}

function agreementRequests(server: FoundedServer): Requests {
  const { laRuelle, trust } = server.network;
  return {
    'POST /v1/agreements': async () => {
      const { text, ...proposal } = await givenProposal(server);
      const terms = { network: trust.network, agreement: newId(), ...proposal, textHash: textHash(text) };
      return {
        body: { text, signature: sign('agreement+jws', terms, laRuelle.coordinator.coordinatorKey()) },
      };
    },
  };
}

function referralRequests(server: FoundedServer): Requests {
  const { network } = server;
  const [sender, receiver] = [network.laRuelle.worker, network.clinique.worker];
  const givenSent = async () => {
    const { body, given, person } = await givenSend(network);
    await postSend(sender, body);
    return { id: given.referral, texts: body.statements.map(({ jws }) => jws), given, person };
  };
  const act = async (body: object) => ({ params: { id: (await givenSent()).id }, body });
  return {
    'POST /v1/referrals': async () => ({ body: (await givenSend(network)).body }),
    'POST /v1/receipts/withdrawals': async () => {
      const { texts, given, person } = await givenSent();
      return { body: { statement: withdrawalOf(texts, given, person.sign) } };
    },
    'POST /v1/referrals/:id/messages': async () => {
      const { id, texts, given, person } = await givenSent();
      const { sign: key } = await receiver.epochOf(network.clinique.service);
      const statements = [statementAfter(texts, given, { kind: 'handoff.received' }, key)];
      await postAct(receiver, id, { event: 'acknowledge', statements });
      const body = { referral: id, statements: texts.map((jws) => ({ jws, opening: '' })) };
      return { params: { id }, body: await givenMessage(network, { body, person }) };
    },
    'POST /v1/attachments': () => ({ body: givenUpload(network.laRuelle.service) }),
    'POST /v1/attachments/:id/parts': async () => {
      const upload = givenUpload(network.laRuelle.service);
      await insertUpload(server, upload);
      const bytes = toBase64url(randomBytes(upload.size));
      return { params: { id: upload.attachment }, body: { number: 0, bytes } };
    },
    'POST /v1/referrals/:id/transitions acknowledge': async () => {
      const { id, texts, given } = await givenSent();
      const { sign: key } = await receiver.epochOf(network.clinique.service);
      const statement = statementAfter(texts, given, { kind: 'handoff.received' }, key);
      return { params: { id }, body: { event: 'acknowledge', statements: [statement] } };
    },
    'POST /v1/referrals/:id/transitions decline': () =>
      act({ event: 'decline', statusReason: 'no-capacity' }),
    'POST /v1/referrals/:id/transitions recall': () =>
      act({ event: 'recall', statusReason: 'sent-by-mistake' }),
    'POST /v1/referrals/:id/transitions withdraw-consent': async () => {
      const { id, texts, given } = await givenSent();
      const { sign: key } = await sender.epochOf(network.laRuelle.service);
      const statement = withdrawalOf(texts, given, key, { means: 'on-word', by: 'source' });
      return { params: { id }, body: { event: 'withdraw-consent', statements: [statement] } };
    },
  };
}
