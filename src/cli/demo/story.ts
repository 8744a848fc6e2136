import {
  acknowledge,
  act,
  canonicalText,
  copyPublicLog,
  exportCase,
  fetchProofs,
  getReferral,
  isPublished,
  listReferrals,
  openReferral,
  printedReceipt,
  Receipt,
  registerWitness,
  type CaseSecrets,
  type Device,
} from '../../client/index.js';
import { basename } from 'node:path';
import { withClock } from './clock.js';
import type { Running } from '../run-server.js';
import { Folder } from '../folder.js';
import { verifyCommand } from '../verify.js';
import { pullOnce } from '../witness/pull.js';
import { makeWitness, WitnessState } from '../witness/state.js';
import { foundDemo, type DemoNetwork } from './network.js';
import type { Narrator } from './narrator.js';
import { referSomebody } from './referral.js';

export interface StoryParts {
  readonly token: string;
  readonly audit: string;
  /** The folder of a partner's witness. */
  readonly witness: string;
  /** The printed receipt of the first story. */
  readonly paper: string;
  readonly write: (path: string, bytes: Uint8Array | string) => void;
}

const WAIT_MS = 500;

/** A chapter for each way a referral can go, and the audit; every sentence is said after it has happened. */
export async function tellStory(narrator: Narrator, running: Running, parts: StoryParts): Promise<void> {
  const network = await found(narrator, running, parts.token);
  const witness = await watch(narrator, network, parts);
  const helped = await refer(narrator, running, network, parts);
  await receive(narrator, network, helped);
  const withdrawn = await withdraw(narrator, running, network);
  await decline(narrator, network);
  await lapse(narrator, running, network);
  const { laRuelle, clinique } = network;
  const cases = [
    { holder: clinique.worker, referral: helped },
    { holder: laRuelle.worker, ...withdrawn },
  ];
  await audit(narrator, running, network, { ...parts, witness, cases });
}

interface Case {
  /** Whose client writes the case file. */
  readonly holder: Device;
  readonly referral: string;
  /** Kept by the sender, where what was sealed is erased. */
  readonly kept?: CaseSecrets;
}

async function found(narrator: Narrator, { address }: Running, token: string): Promise<DemoNetwork> {
  narrator.chapter('Two associations found a network');
  const network = await foundDemo(address, token);
  narrator.act('La Ruelle', 'a street team; it sends. Its paper code is written down and put away.');
  narrator.act('Clinique du Canal', 'a free clinic; it receives. Both have signed the same charter.');
  narrator.act('both', 'enrol one worker’s device each, by an invitation code read from a screen.');
  narrator.sees('two organisations, their services, public keys, and pseudonyms of four devices.');
  narrator.cannotSee('a worker’s name, and any private key: those were made on the devices.');
  return network;
}

/** One partner's witness is enough for a network of two; in earnest each partner has its own. */
async function watch(narrator: Narrator, network: DemoNetwork, parts: StoryParts): Promise<WitnessState> {
  const { coordinator } = network.clinique;
  const folder = Folder.open(parts.witness);
  const trust = new TextEncoder().encode(JSON.stringify(network.trust));
  makeWitness(folder, { organisation: coordinator.organisation.id, trust });
  const witness = new WitnessState(folder);
  await registerWitness(coordinator, { key: witness.key.publicKey });
  narrator.act(
    'Clinique du Canal',
    'watches the log with a witness of its own: a second history would need its signature.',
  );
  return witness;
}

async function refer(
  narrator: Narrator,
  { address }: Running,
  network: DemoNetwork,
  { write, paper }: StoryParts,
): Promise<string> {
  narrator.chapter('A person is passed on, with their consent');
  const record = {
    calledName: 'Sam',
    contactMode: { mode: 'worker-accompanies' as const },
    spokenLanguages: ['ti', 'fr'],
    interpreterNeeded: true,
    reason: 'A wound on the foot that does not heal.',
  };
  const { referral, receiptCode, consent } = await referSomebody(network, record);
  const { sendUntil, keepUntil } = consent;
  const printed = {
    code: receiptCode,
    address,
    language: 'fr',
    sendUntil,
    keepUntil,
    wordChosen: false,
  } as const;
  write(basename(paper), printedReceipt({ ...printed, format: 'a4' }));
  narrator.act(
    'worker',
    'finds the clinic, checks its key against the registry log, reads the notice aloud in French.',
  );
  narrator.act('Sam', 'says back what will happen, agrees to five points, and gets a paper with a code:');
  narrator.write(`                     ${receiptCode}`);
  narrator.write(`                     ${paper}   the paper, to print or to scan`);
  narrator.write(`                     ${address}/receipt#${receiptCode}   what Sam sees with it`);
  narrator.act(
    'worker’s device',
    'seals the five points for the clinic, for its own team and for Sam, and sends them.',
  );
  narrator.sees(
    'that La Ruelle refers somebody to the clinic for health care, until when, and 4 KiB of noise.',
  );
  narrator.cannotSee(
    'who, in which language, why, and which points were agreed to; nor the code on the paper.',
  );
  return referral;
}

async function receive(
  narrator: Narrator,
  { clinique, laRuelle }: DemoNetwork,
  referral: string,
): Promise<void> {
  narrator.chapter('The clinic receives');
  const { worker } = clinique;
  const inbox = await listReferrals(worker, 'inbox');
  narrator.act(
    'clinic',
    `finds ${inbox.length} new referral in its inbox; the log proves that consent came first.`,
  );
  await acknowledge(worker, referral);
  narrator.act('clinic', 'acknowledges: signed, and in the log. From here on it may open the handoff.');
  const { record, fields } = await openReferral(worker, referral);
  narrator.act(
    'clinic',
    `opens it: “${String(record['calledName'])}: ${String(record['reason'])}” (${fields.length} points, all of them agreed to).`,
  );
  for (const event of ['accept', 'start'] as const) {
    await act(worker, referral, { event });
    narrator.act('La Ruelle', `sees: ${(await getReferral(laRuelle.worker, referral)).status}`);
  }
  await act(worker, referral, { event: 'complete', outcome: 'service-provided' });
  const { status, outcome } = await getReferral(laRuelle.worker, referral);
  narrator.act('La Ruelle', `sees: ${status} (${outcome ?? ''})`);
}

async function withdraw(
  narrator: Narrator,
  { address }: Running,
  network: DemoNetwork,
): Promise<Omit<Case, 'holder'>> {
  narrator.chapter('Another person changes their mind');
  const { worker } = network.clinique;
  const { referral, receiptCode, sealed } = await referSomebody(network, {
    calledName: 'N.',
    reason: 'Trouble sleeping.',
  });
  await acknowledge(worker, referral);
  await openReferral(worker, referral);
  await act(worker, referral, { event: 'accept' });
  narrator.act('clinic', 'has acknowledged, opened and accepted; it is about to start.');
  const receipt = await Receipt.fromCode(address, receiptCode);
  await receipt.withdraw();
  narrator.act(
    'N.',
    'types the code of the paper on somebody’s phone and takes the consent back. No account, no reason.',
  );
  const { status, statusReason } = await getReferral(worker, referral);
  narrator.act('clinic', `is told: ${status} (${statusReason ?? ''})`);
  const refused = await act(worker, referral, { event: 'start' }).then(
    () => 'nothing',
    (error: unknown) => (error instanceof Error ? error.message : 'a refusal'),
  );
  narrator.act('clinic', `tries to go on: ${refused}`);
  narrator.sees('that this consent was withdrawn. The sealed bytes were deleted in the same transaction.');
  return { referral, kept: sealed.caseFile };
}

async function decline(narrator: Narrator, network: DemoNetwork): Promise<void> {
  narrator.chapter('A third is declined, with a reason');
  const { referral } = await referSomebody(network, { calledName: 'T.', reason: 'Needs a dentist.' });
  await act(network.clinique.worker, referral, { event: 'decline', statusReason: 'service-not-provided' });
  const { status, statusReason } = await getReferral(network.laRuelle.worker, referral);
  narrator.act(
    'La Ruelle',
    `sees at once: ${status} (${statusReason ?? ''}), and can look elsewhere with a new consent.`,
  );
}

async function lapse(narrator: Narrator, { urls }: Running, network: DemoNetwork): Promise<void> {
  narrator.chapter('A fourth is never answered');
  const { referral } = await referSomebody(network, {
    calledName: 'A.',
    reason: 'Wants to talk to a nurse.',
  });
  await fetchProofs(network.laRuelle.worker, referral);
  await withClock(urls.owner, '16 days', async () => {
    narrator.act('the clock', 'moves on by sixteen days; nobody at the clinic looks.');
    await until(async () => (await getReferral(network.laRuelle.worker, referral)).status === 'cancelled');
  });
  const { status, statusReason } = await getReferral(network.laRuelle.worker, referral);
  narrator.act('La Ruelle', `sees: ${status} (${statusReason ?? ''}). What was sealed is erased.`);
}

interface Audited {
  readonly witness: WitnessState;
  readonly cases: readonly Case[];
}

async function audit(
  narrator: Narrator,
  { address }: Running,
  network: DemoNetwork,
  { witness, cases, ...parts }: Omit<StoryParts, 'witness'> & Audited,
): Promise<void> {
  narrator.chapter('An auditor checks, without reading a case');
  const { worker } = network.laRuelle;
  for (const { referral } of cases) {
    await until(async () => {
      await pullOnce(witness, worker.transport);
      return isPublished(worker, referral);
    });
  }
  await copyPublicLog(worker.transport, network.trust, (path, bytes) =>
    parts.write(`audit/log/${path}`, bytes),
  );
  for (const [i, { holder, referral, kept }] of cases.entries()) {
    const file = await exportCase(holder, referral, kept);
    parts.write(`audit/cases/${i + 1}.json`, canonicalText(file));
  }
  parts.write('audit/trust.json', JSON.stringify(network.trust, null, 2));
  narrator.act(
    'auditor',
    'has a copy of the public log, the founders’ trust file, and two cases: one that the clinic opened, one of La Ruelle’s.',
  );
  const code = await verifyCommand([
    `${parts.audit}/log`,
    '--trust',
    `${parts.audit}/trust.json`,
    '--cases',
    `${parts.audit}/cases`,
  ]);
  if (code !== 0) throw new Error('the log of the demonstration does not hold');
  narrator.write(`\nLook further:
  ${address}/docs                     the API
  ${parts.audit}   what the auditor had; change one byte of the log or of a case and run
  node dist/src/cli/main.js verify ${parts.audit}/log --trust ${parts.audit}/trust.json --cases ${parts.audit}/cases
  docs/protocol/README.md, docs/threat-model.md`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 120; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  throw new Error('waited a minute in vain');
}
