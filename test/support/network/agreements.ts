import {
  AGREEMENT_TEMPLATES,
  proposeAgreement,
  readAgreement,
  signAgreement,
  type Proposal,
} from '../../../src/client/index.js';
import { addDays } from '../../../src/protocol/encoding/days.js';
import type { FoundedServer } from '../machines/process.js';

/** What La Ruelle may propose to the Clinique: from its one service to theirs, for forty days. */
export async function givenProposal(
  { network }: FoundedServer,
  change: Partial<Proposal> = {},
): Promise<Proposal> {
  const { laRuelle, clinique } = network;
  const today = await laRuelle.coordinator.today();
  return {
    text: AGREEMENT_TEMPLATES.fr,
    language: 'fr',
    parties: [laRuelle.founder.public.id, clinique.founder.public.id].sort(),
    routes: [{ from: laRuelle.service, to: clinique.service }],
    purposes: ['health-care'],
    kind: 'referral',
    from: today,
    until: addDays(today, 40),
    noticeDays: 10,
    ...change,
  };
}

/** Proposed by La Ruelle, read and signed by the Clinique. */
export async function givenAgreement(server: FoundedServer, change: Partial<Proposal> = {}): Promise<string> {
  const { laRuelle, clinique } = server.network;
  const id = await proposeAgreement(laRuelle.coordinator, await givenProposal(server, change));
  await signAgreement(clinique.coordinator, await readAgreement(clinique.coordinator, id));
  return id;
}
