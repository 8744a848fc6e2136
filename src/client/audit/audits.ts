import { fromBase64url, newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { verifyIssued } from '../../protocol/registry/device-certificate.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { openCheckpoint } from '../../protocol/log/proof.js';
import { openAuditAnswer } from '../../protocol/envelope/open-audit-answer.js';
import type { CaseFile } from '../../protocol/schemas/trust.js';
import type { SampleAnswer, SampleFile } from '../../protocol/schemas/sample.js';
import { sealAuditAnswer } from '../../protocol/envelope/seal-audit-answer.js';
import { exportCase } from './case-file.js';
import { checkOf, settleEach, type RefusedItem } from '../device/each.js';
import type { Device } from '../device/device.js';
import { readAll } from '../device/pages.js';
import { logPath, newestLog } from '../device/log-path.js';
import { fetchFinalProofs, fetchProofs } from '../referral/proofs.js';
import type { CaseSecrets } from '../referral/seal.js';

/** A challenge, and the last day on which it is answered. */
export interface Challenge {
  readonly audit: string;
  readonly until: string;
}

/** What came back of a challenge. */
export interface CollectedAudit {
  /** For `relais verify --sample`. */
  readonly sample: SampleFile;
  /** For `relais verify --cases`, one for each case. */
  readonly cases: readonly CaseFile[];
  /** Services that have not answered, as often as they were asked. */
  readonly silent: readonly string[];
  /** Answers that do not open: by which service, and why. */
  readonly refused: readonly RefusedItem<string>[];
}

interface Found extends Pick<SampleFile, 'nonce' | 'checkpoint' | 'count'> {
  readonly samples: readonly {
    readonly index: number;
    readonly opening?: string;
    readonly services?: readonly { readonly service: string; readonly answered: boolean }[];
  }[];
}

interface Sealed {
  readonly service: string;
  readonly ctx: string;
  readonly wrap: string;
  readonly body: string;
}

interface Question {
  readonly audit: string;
  readonly index: number;
  readonly certificate: string;
  readonly box: string;
  readonly referral?: string;
  readonly erasure?: { readonly jws: string; readonly proof: string };
}

/**
 * Draws leaves of the newest tree of the consent log that witnesses have seen, as an auditor. The nonce is
 * random and newer than the tree, so that nobody could prepare for it. `count`: 59 find a fault that 5 % of
 * the leaves have, 299 one of 1 %.
 * @throws Problem `not_found` on a device of another role than auditor, `wrong_state` where too many
 * challenges are open
 * @example
 * const { audit, until } = await challengeLog(auditor, 299);
 * show(audit, until);
 */
export async function challengeLog(auditor: Device, count = 59): Promise<Challenge> {
  await auditor.registry();
  const { name } = newestLog(auditor.follower.policy, 'consent');
  const note = (await auditor.transport.bytes(`${logPath(name)}/checkpoint`)) ?? refuse('checkpoint');
  const { size } = openCheckpoint(note, auditor.follower.policy).checkpoint;
  const body = {
    nonce: toBase64url(randomBytes(32)),
    year: Number(name.slice(-4)),
    size: Number(size),
    count,
  };
  return auditor.session.json({ method: 'POST', path: '/v1/audits', idempotencyKey: newId(), body });
}

/**
 * What was answered so far, opened by the auditor's device. What cannot be opened counts as no answer.
 * @throws Problem `not_found` for a challenge of somebody else
 * @example
 * const { audit } = await challengeLog(auditor);
 * const { sample, cases, silent } = await collectAudit(auditor, audit); // days later
 * show(sample, cases, silent);
 */
export async function collectAudit(auditor: Device, audit: string): Promise<CollectedAudit> {
  const found = await auditor.session.json<Found>({ method: 'GET', path: `/v1/audits/${audit}` });
  const sealed = await readAll<Sealed>(auditor.session, `/v1/audits/${audit}/answers`);
  const { done: answers, refused } = await settleEach(sealed, (each) => openAnswer(auditor, each));
  const { nonce, checkpoint, count, samples } = found;
  const pads = samples.flatMap(({ index, opening }) => (opening === undefined ? [] : [{ index, opening }]));
  const erasures = answers.flatMap((answer) => ('erasure' in answer ? [answer.erasure] : []));
  return {
    sample: { nonce, checkpoint, count, pads, erasures },
    cases: answers.filter((answer): answer is CaseFile => !('erasure' in answer)),
    silent: samples.flatMap(({ services = [] }) =>
      services.filter(({ answered }) => !answered).map(({ service }) => service),
    ),
    refused: refused.map(({ item, check }) => ({ item: item.service, check })),
  };
}

function openAnswer(auditor: Device, { ctx, wrap, body }: Sealed): SampleAnswer {
  const sealed = { ctx: fromBase64url(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
  return openAuditAnswer(sealed, auditor.keys.box);
}

/** What became of the questions: how many were answered, and of which audits' some could not be, and why. */
export interface AnsweredAudits {
  readonly answered: number;
  readonly refused: readonly RefusedItem<string>[];
}

/**
 * Answers what auditors have drawn of the device's services, once a day: each case to that auditor alone, who
 * is believed only with a certificate of an organisation that the charter appoints. `findSecrets` finds what
 * the app keeps of a case it has sent. Each question by itself.
 * @throws Problem `unauthorised` where the device was revoked; what is wrong with one question is in
 * `refused`
 * @example
 * const { answered, refused } = await answerAudits(device); // once a day
 */
export async function answerAudits(
  device: Device,
  findSecrets: (referral: string) => CaseSecrets | undefined = () => undefined,
): Promise<AnsweredAudits> {
  const of = (service: string) => readAll<Question>(device.session, '/v1/audits/questions', { service });
  const lists = await Promise.all(
    device.services.map(async (service) => (await of(service)).map((question) => ({ service, question }))),
  );
  const judged = await settleEach(lists.flat(), (each) => answer(device, each, findSecrets));
  return {
    answered: judged.done.length,
    refused: judged.refused.map(({ item, check }) => ({ item: item.question.audit, check })),
  };
}

async function answer(
  device: Device,
  { service, question }: { readonly service: string; readonly question: Question },
  findSecrets: (referral: string) => CaseSecrets | undefined,
): Promise<void> {
  const box = await auditorBox(device, question);
  const content = await answerOf(device, question, findSecrets);
  const { ctx, wraps, body } = sealAuditAnswer(content, box);
  const [wrap = new Uint8Array(0)] = wraps;
  const { audit, index } = question;
  await device.session.send({
    method: 'POST',
    path: '/v1/audits/answers',
    idempotencyKey: newId(),
    body: { audit, index, service, ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) },
  });
}

/**
 * Whom the charter appoints, by a certificate that its coordinator could issue, today. Anybody else is told
 * nothing.
 */
async function auditorBox(device: Device, { certificate, box }: Question): Promise<Uint8Array> {
  const { certificate: said } = verifyIssued(certificate, await device.registry());
  const { auditors } = await device.charter();
  const today = await device.today();
  const key = fromBase64url(box);
  if (said.role !== 'auditor' || !auditors.includes(said.organisation)) refuse('role');
  if (toBase64url(boxKeyId(key)) !== said.boxId) refuse('key-id');
  return said.from <= today && today <= said.until ? key : refuse('dates');
}

/**
 * With its sealed texts where this device can open them; else its statements, which say that there was a
 * consent.
 */
async function answerOf(
  device: Device,
  { referral, erasure }: Question,
  findSecrets: (referral: string) => CaseSecrets | undefined,
): Promise<SampleAnswer> {
  if (referral === undefined) return { erasure: erasure ?? refuse('schema') };
  try {
    const { statements, ...secrets } = await exportCase(device, referral, findSecrets(referral));
    return { statements: [...statements], ...secrets };
  } catch (error) {
    checkOf(error);
  }
  const proven = (await fetchFinalProofs(device, referral)) ?? (await fetchProofs(device, referral));
  return { statements: [...proven] };
}
