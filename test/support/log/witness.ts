import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerWitness, type Transport } from '../../../src/client/index.js';
import type { DemoOrganisation } from '../../../src/cli/demo/network.js';
import { Folder } from '../../../src/cli/folder.js';
import { MIRROR, pullOnce, type Pulled } from '../../../src/cli/witness/pull.js';
import { looker, witnessApp } from '../../../src/cli/witness/serve.js';
import { makeWitness, WitnessState } from '../../../src/cli/witness/state.js';
import { utf8 } from '../../../src/protocol/encoding/bytes.js';
import type { TrustFile } from '../../../src/protocol/schemas/trust.js';
import { freePort } from '../machines/process.js';

export interface TestWitnessFolder {
  readonly path: string;
  readonly state: () => WitnessState;
  readonly mirror: string;
  readonly trustFile: string;
  readonly remove: () => void;
}

/** The folder of an organisation's witness, as `relais witness new` makes it. */
export function givenWitness(trust: TrustFile, organisation: string, clock?: () => Date): TestWitnessFolder {
  const root = mkdtempSync(join(tmpdir(), 'relais-witness-'));
  const folder = Folder.open(join(root, 'state'));
  const trustFile = join(root, 'trust.json');
  writeFileSync(trustFile, JSON.stringify(trust));
  makeWitness(folder, { organisation, trust: utf8(JSON.stringify(trust)) });
  return {
    path: folder.path,
    state: () => new WitnessState(folder, clock),
    mirror: join(folder.path, MIRROR),
    trustFile,
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** A witness that comes by itself, registered. */
export async function givenPullWitness(
  trust: TrustFile,
  { coordinator }: DemoOrganisation,
  clock?: () => Date,
): Promise<TestWitnessFolder & { readonly pull: () => Promise<Pulled[]> }> {
  const witness = givenWitness(trust, coordinator.organisation.id, clock);
  await registerWitness(coordinator, { key: witness.state().key.publicKey });
  const pull = (): Promise<Pulled[]> => pullOnce(witness.state(), coordinator.transport);
  return { ...witness, pull };
}

/** A witness that checkpoints are sent to, registered; it listens once it is started. */
export async function givenPushWitness(
  trust: TrustFile,
  { coordinator }: DemoOrganisation,
  clock?: () => Date,
): Promise<TestWitnessFolder & { readonly url: string; readonly start: () => Promise<() => Promise<void>> }> {
  const witness = givenWitness(trust, coordinator.organisation.id, clock);
  const url = `http://127.0.0.1:${await freePort()}`;
  await registerWitness(coordinator, { key: witness.state().key.publicKey, url });
  const start = async (): Promise<() => Promise<void>> => {
    const state = witness.state();
    const app = witnessApp(state, looker(state, coordinator.transport));
    await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
    return () => app.close();
  };
  return { ...witness, url, start };
}

/** What a server publishes of a log, or shows to witnesses. */
export async function noteOf(transport: Transport, path: string): Promise<string> {
  return new TextDecoder().decode((await transport.bytes(path)) ?? new Uint8Array(0));
}

/** What is signed: the note up to its empty line. */
export function textOf(note: string): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}
