import { toBase64url } from '../../protocol/encoding/bytes.js';
import { derivePaper, requireCode } from '../../protocol/encoding/codes.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { refuse } from '../../protocol/encoding/errors.js';
import type { ConsentInvalidated } from '../../protocol/schemas/statements.js';
import { hashText, sign, verifySigned } from '../../protocol/encoding/signed.js';
import type { Device } from '../device/device.js';
import { nextStatement, transition, type Statement } from './acts.js';
import { verifyReferral } from './proofs.js';
import type { Referral } from './list.js';

/** A void that waits for its second device: plain JSON, to be shown to a colleague. */
export interface VoidDraft {
  readonly referral: string;
  readonly reason: ConsentInvalidated['reason'];
  readonly statement: Statement;
}

/**
 * Prepares to declare a referral an error: signed by the sending service, and nothing sent yet.
 * @throws Refused `referral` on a device of another service than the sending one
 * @example
 * const draft = await prepareVoid(device, referral, 'wrong-person');
 * show(draft); // to a colleague, for `confirmVoid`
 */
export async function prepareVoid(
  device: Device,
  referral: string,
  reason: ConsentInvalidated['reason'],
): Promise<VoidDraft> {
  const { chain } = await verifyReferral(device, referral);
  const service = chain.sender.service.id;
  if (!device.serves(service)) refuse('referral');
  const statement = await nextStatement(device, service, chain, { kind: 'consent.invalidated', reason });
  return { referral, reason, statement };
}

/**
 * A second device of the organisation agrees: it reads what was signed, and by whom, before it signs.
 * @throws Refused `statement` for what is no void of one's own organisation, `referral` for one of another
 * referral or reason
 * @example
 * const draft = await prepareVoid(device, referral, 'wrong-person');
 * const confirmation = await confirmVoid(coordinator, draft); // on the colleague's device
 * await voidReferral(device, draft, confirmation);
 */
export async function confirmVoid(device: Device, draft: VoidDraft): Promise<string> {
  return confirm(device, draft, device.keys.sign);
}

/**
 * The same by the organisation's paper key, where there is no second device.
 * @throws Refused `code` for what is no code, `statement`, `referral`
 * @example
 * const draft = await prepareVoid(device, referral, 'wrong-person');
 * const confirmation = await confirmVoidByPaper(device, draft, paperCode);
 * await voidReferral(device, draft, confirmation);
 */
export async function confirmVoidByPaper(
  device: Device,
  draft: VoidDraft,
  paperCode: string,
): Promise<string> {
  return confirm(device, draft, derivePaper(requireCode(paperCode)).sign);
}

/**
 * Declares the referral an error. The content is erased at once; what was signed stays in the log.
 * @throws Problem `second_device_required` for a confirmation by the same device, `reason_required`,
 * `chain_moved`
 * @example
 * const draft = await prepareVoid(device, referral, 'wrong-person');
 * await voidReferral(device, draft, await confirmVoid(coordinator, draft));
 */
export async function voidReferral(
  device: Device,
  { referral, reason, statement }: VoidDraft,
  confirmation: string,
): Promise<Referral> {
  const body = { event: 'void', statusReason: reason, confirmation, statements: [statement] };
  return transition(device, referral, body);
}

async function confirm(device: Device, draft: VoidDraft, key: SigningKey): Promise<string> {
  const { jws } = draft.statement;
  const shown = [...(await device.registry()).serviceKeys.values()];
  const own = shown.filter(({ organisation }) => organisation.id === device.organisation.id);
  const keyring = new Map(own.map((epoch) => [epoch.kid, epoch.key]));
  const { payload } = verifySigned(jws, 'consent-statement+jws', keyring);
  if (payload.kind !== 'consent.invalidated' || payload.log !== device.consentLog) refuse('statement');
  if (payload.referral !== draft.referral || payload.reason !== draft.reason) refuse('referral');
  const of = { network: device.network, organisation: device.organisation.id };
  return sign('confirmation+jws', { ...of, statement: toBase64url(hashText(jws)) }, key);
}
