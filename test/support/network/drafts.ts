import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acknowledge,
  canonicalText,
  defaultCharter,
  Device,
  findService,
  foundNetwork,
  founderDevice,
  openReferral,
  prepareFounder,
  readNetwork,
  recordConsent,
  sealReferral,
  sendReferral,
  signCharter,
  Transport,
  type Charter,
  type Decision,
  type SealResult,
} from '../../../src/client/index.js';
import type { HandoffRecord } from '../../../src/protocol/schemas/handoff-record.js';
import type { ServerProcess } from '../machines/process.js';

/** What a person decided, told in the plainest way. */
export const DECISION: Decision = {
  purpose: 'health-care',
  fields: ['calledName'],
  language: 'fr',
  modality: 'spoken',
  representation: 'none',
  alternativesOffered: [],
  teachBack: true,
};

export interface Party {
  readonly device: Device;
  readonly service: string;
}

export interface Draft {
  readonly from: Party;
  readonly to: string;
  readonly record?: HandoffRecord;
  /** The day on which the person decided; today when absent. */
  readonly day?: string;
  readonly decision?: Partial<Decision>;
}

/** Records the person's decision and seals what they agreed to pass on; nothing is sent. */
export async function sealDraft({
  from,
  to,
  record = { calledName: 'Sam' },
  day,
  decision,
}: Draft): Promise<SealResult> {
  const { device, service } = from;
  const fields = Object.keys(record);
  const consent = recordConsent(await device.charter(), day ?? (await device.today()), {
    ...DECISION,
    fields,
    ...decision,
  });
  const found = await findService(device, to);
  return sealReferral(device, { from: service, to: found, consent, record, priority: 'routine' });
}

/** Sends a draft; the receiver acknowledges it and sees what was passed on. */
export async function deliver(draft: Draft, receiver: Device): ReturnType<typeof openReferral> {
  const { sealed } = await sealDraft(draft);
  await sendReferral(draft.from.device, sealed);
  await acknowledge(receiver, sealed.referral);
  return openReferral(receiver, sealed.referral);
}

/**
 * Founds a network of two organisations under a charter of their own: their first devices, with a service
 * each.
 */
export async function foundUnder(
  server: ServerProcess,
  rules: (services: readonly string[]) => Partial<Charter>,
): Promise<[Party, Party]> {
  const transport = new Transport(server.address);
  const info = await readNetwork(transport);
  const founders = [
    prepareFounder(info, 'La Ruelle', ['maraude']),
    prepareFounder(info, 'Clinique', ['accueil']),
  ] as const;
  const parties = founders.map((founder) => founder.public);
  const services = founders.map((founder) => founder.services[0]?.id ?? '');
  const members = parties.map(({ id, root }) => ({ organisation: id, root }));
  const charter = { ...defaultCharter('Réseau d’essai', members), ...rules(services) };
  await foundNetwork(transport, readFileSync(join(server.data, 'founding-token'), 'utf8').trim(), {
    founders: parties,
    charterText: canonicalText(charter),
    signatures: founders.map((founder) => signCharter(info, founder, charter)),
  });
  const start = async (i: 0 | 1): Promise<Party> => ({
    device: await Device.start(founderDevice(info, founders[i], parties)),
    service: services[i] ?? '',
  });
  return [await start(0), await start(1)];
}
