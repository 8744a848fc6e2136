import Type from 'typebox';
import { equalBytes, fromBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { check } from '../../protocol/encoding/check.js';
import { canonicalText, parseStrict, strictText } from '../../protocol/encoding/json.js';
import { derivePaper, requireCode } from '../../protocol/encoding/codes.js';
import { openExportedGrant } from '../../protocol/crypto/grant-open.js';
import { boxKeyId, type BoxKey } from '../../protocol/crypto/keys.js';
import { parseContext } from '../../protocol/envelope/envelope.js';
import { Refused, refuse } from '../../protocol/encoding/errors.js';
import { openExport } from '../../protocol/envelope/open-export.js';
import { openExportedHandoff, type OwnHandoff } from '../../protocol/handoff/open-own-handoff.js';
import { readOwnChain, type OwnChain } from '../../protocol/consent/own-chain.js';
import { sealExport } from '../../protocol/envelope/seal-export.js';
import { readUnverified, requirePayload } from '../../protocol/encoding/signed.js';
import { listColleagues } from '../device/colleagues.js';
import type { Device } from '../device/device.js';
import { settleEach, type Settled, type RefusedItem } from '../device/each.js';
import { makeGrants } from '../device/grants.js';
import { Problem } from '../device/problem.js';
import { fetchProofs, type ProvenStatement } from './proofs.js';
import { listReferrals, type Referral } from './list.js';
import { requireRoot } from '../coordinator/revoke.js';

/** What an organisation takes along: everything of the services that the exporting device serves. */
export interface OrganisationExport {
  readonly format: 'relais-export/1';
  readonly network: string;
  readonly issuer: string;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly services: readonly string[];
  readonly day: string;
  /** The charter's, in which a moment has its day; an older export does not say it. */
  readonly timeZone?: string;
  /** Every device, revoked ones included, by its certificate. */
  readonly devices: readonly { readonly certificate: string; readonly revoked: boolean }[];
  /**
   * key-grant+jws: the seeds of the services' epochs, each sealed to the paper code, which opens the handoffs
   * with them.
   */
  readonly grants: readonly string[];
  readonly referrals: readonly ExportedReferral[];
  /** Referrals of which the server gave no statements that hold, and why; absent where there are none. */
  readonly refused?: readonly RefusedItem<string>[];
}

/** A sealed export, and the referrals that it lacks. */
export interface SealedExport {
  readonly file: Uint8Array;
  readonly refused: readonly RefusedItem<string>[];
}

/** One referral as an export has it: sealed, with its statements. */
export interface ExportedReferral {
  readonly referral: Referral;
  readonly statements: readonly ProvenStatement[];
  /**
   * As `GET /v1/referrals/{id}/handoff` gives it, sealed; null where it is erased or was never acknowledged.
   */
  readonly handoff: Readonly<Record<string, unknown>> | null;
}

/**
 * Lets a device know what its organisation's exports are sealed to. The code must be that of the root that
 * the registry shows; of it only the public half of its box key stays. Save `device.state` afterwards.
 * @throws Refused `paper-code` for another code than the organisation's; `code` for what is no code
 * @example
 * await rememberPaperCode(device, paperCode);
 * await save(device.state);
 */
export async function rememberPaperCode(device: Device, paperCode: string): Promise<void> {
  requireRoot(device, await device.registry(), paperCode);
  device.setPaperBox(derivePaper(requireCode(paperCode)).box.publicKey);
}

/**
 * An organisation's full export, sealed to its paper code: status, statements with proofs, sealed handoffs as
 * they are, devices. Nothing is opened for it. One referral that does not hold bars no other, and is told.
 * Refuses a device that was never told of the paper code.
 * @throws Refused `paper-code` on a device that was never told of the paper code
 * @example
 * const { file, refused } = await exportOrganisation(device);
 * await save(file);
 * show(refused);
 */
export async function exportOrganisation(device: Device): Promise<SealedExport> {
  const box = fromBase64url(device.state.paperBox ?? refuse('paper-code'));
  const { id } = device.organisation;
  const root = (await device.registry()).organisations.get(id) ?? refuse('organisation');
  const taken = await collect(device, box);
  const content = utf8(strictText(taken, canonicalText));
  const file = sealExport(content, { organisation: id, root: root.kid, box });
  return { file, refused: taken.refused ?? [] };
}

/**
 * Opens a sealed export with the paper code, on any machine, off line.
 * @throws Refused `code`, `export-form`, or a check of its envelope
 * @example
 * const { file } = await exportOrganisation(device);
 * const exported = openOrganisationExport(file, paperCode); // years later, off line
 */
export function openOrganisationExport(file: Uint8Array, paperCode: string): OrganisationExport {
  const { organisation, content } = openExport(file, derivePaper(requireCode(paperCode)));
  const opened = parseStrict(content) as OrganisationExport | null;
  const isRight = opened?.format === 'relais-export/1' && opened.organisation.id === organisation;
  return isRight ? opened : refuse('export-form');
}

async function collect(device: Device, box: Uint8Array): Promise<OrganisationExport> {
  const { network, services, organisation, transport } = device;
  const by = { registry: await device.registry(), today: await device.today(), signer: device.keys.sign };
  const paper = { box, boxId: boxKeyId(box), services, grants: [] };
  const colleagues = await listColleagues(device);
  const { done, refused } = await collectReferrals(device);
  return {
    format: 'relais-export/1',
    network,
    issuer: transport.issuer,
    organisation,
    services,
    day: by.today,
    timeZone: (await device.charter()).timeZone,
    devices: colleagues.map(({ text, revoked }) => ({ certificate: text, revoked })),
    grants: makeGrants(device.state.epochs, paper, by),
    referrals: done,
    ...(refused.length > 0 && { refused }),
  };
}

async function collectReferrals(device: Device): Promise<Settled<string, ExportedReferral>> {
  const found = new Map<string, Referral>();
  for (const box of ['inbox', 'outbox'] as const)
    for (const state of [undefined, 'closed'] as const)
      for (const referral of await listReferrals(device, box, state)) found.set(referral.referral, referral);
  return settleEach(found.keys(), async (id) => {
    const referral = found.get(id) ?? refuse('referral');
    const statements = await fetchProofs(device, id);
    return { referral, statements, handoff: await fetchSealed(device, id) };
  });
}

async function fetchSealed(device: Device, id: string): Promise<ExportedReferral['handoff']> {
  try {
    return await device.session.json({ method: 'GET', path: `/v1/referrals/${id}/handoff` });
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}

/**
 * One referral of an export as the paper code opens it: what was passed on, or why nothing of it is there.
 */
export interface OpenedExportedReferral {
  readonly referral: Referral;
  /** `erased`: the server had nothing any more, or nothing yet; else the check that did not hold. */
  readonly opened: OwnHandoff | { readonly refused: string };
}

const Envelope = { ctx: Type.String(), wrap: Type.String(), body: Type.String() };
const Handoff = Type.Object({
  ...Envelope,
  role: Type.Integer(),
  wrapHashes: Type.Array(Type.String()),
  carried: Type.Optional(Type.Object(Envelope)),
});

/**
 * Opens every handoff of an export with the keys that are in it, each by itself, off line. Signatures inside,
 * commitments and the digest are checked; what the registry and the log say, `relais verify` tells.
 * @throws Refused `code`; what is wrong with one referral stands beside it
 * @example
 * const { file } = await exportOrganisation(device);
 * const exported = openOrganisationExport(file, paperCode);
 * for (const { referral, opened } of openExportedReferrals(exported, paperCode)) show(referral, opened);
 */
export function openExportedReferrals(
  taken: OrganisationExport,
  paperCode: string,
): OpenedExportedReferral[] {
  const keys = keysOf(taken.grants, derivePaper(requireCode(paperCode)).box);
  const log = `relais-${taken.network}/consent`;
  return taken.referrals.map((each) => ({ referral: each.referral, opened: openOne(each, log, keys) }));
}

function keysOf(grants: readonly string[], paper: BoxKey): readonly BoxKey[] {
  return grants.flatMap((text) => {
    try {
      const payload = requirePayload('key-grant+jws', readUnverified(text).payload);
      return [openExportedGrant(payload, paper).box];
    } catch (error) {
      if (error instanceof Refused) return [];
      throw error;
    }
  });
}

function openOne(
  { statements, handoff }: ExportedReferral,
  log: string,
  keys: readonly BoxKey[],
): OpenedExportedReferral['opened'] {
  if (handoff === null) return { refused: 'erased' };
  try {
    if (!check(Handoff, handoff)) refuse('handoff-form');
    const { role, wrapHashes, carried } = handoff;
    const chain = chainOf(
      log,
      statements.map(({ jws }) => jws),
    );
    const ofCarried = carried && inBytes(carried);
    const input = {
      role,
      ...inBytes(handoff),
      wrapHashes: wrapHashes.map(fromBase64url),
      carried: ofCarried,
    };
    const { recipients } = parseContext((ofCarried ?? input).ctx);
    const own = keys.find(({ id }) => recipients.some((to) => to.role === role && equalBytes(to.keyId, id)));
    return openExportedHandoff(input, own ?? refuse('key-not-granted'), chain);
  } catch (error) {
    if (error instanceof Refused) return { refused: error.check };
    throw error;
  }
}

/** The person's key is what the consent itself says. */
function chainOf(log: string, texts: readonly string[]): OwnChain {
  const [first = refuse('chain')] = texts;
  const given = requirePayload('consent-statement+jws', readUnverified(first).payload);
  if (given.kind !== 'consent.given') refuse('chain');
  const own = { sign: fromBase64url(given.person), boxId: fromBase64url(given.personBox) };
  return readOwnChain(log, texts, own);
}

function inBytes({ ctx, wrap, body }: Record<'ctx' | 'wrap' | 'body', string>) {
  return { ctx: fromBase64url(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
}
