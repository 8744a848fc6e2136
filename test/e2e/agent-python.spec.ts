import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { certifyRequests, getReferral, invite, Receipt } from '../../src/client/index.js';
import type { DemoOrganisation } from '../../src/cli/demo/network.js';
import { givenAgent, type TestAgent } from '../support/machines/agent.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { describeWithPython, python } from '../support/machines/python.js';
import { until } from '../support/machines/database.js';

const CLIENT = fileURLToPath(new URL('../../docs/examples/agent_client.py', import.meta.url));
const RECORD = { calledName: 'Sam (fictive)', reason: 'Zorg nodig — besoin d’un médecin, ሰላም.' };

describeWithPython('the Python example, which knows no cryptography', [], () => {
  let server: FoundedServer;
  let sender: TestAgent;
  let receiver: TestAgent;

  async function run<T = Record<string, unknown>>(
    { state }: TestAgent,
    args: readonly string[],
    input?: unknown,
  ): Promise<T> {
    return JSON.parse(await python(CLIENT, [state, ...args], input)) as T;
  }

  async function joined({ coordinator, service }: DemoOrganisation): Promise<TestAgent> {
    const agent = await givenAgent(server.address);
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    expect(await run(agent, ['join'], `${code}\n`)).toMatchObject({ state: 'joining' });
    await certifyRequests(coordinator);
    await until(async () => (await run(agent, ['status']))['state'] === 'ready');
    return agent;
  }

  beforeAll(async () => {
    server = await givenNetwork();
    sender = await joined(server.network.laRuelle);
    receiver = await joined(server.network.clinique);
  });
  afterAll(async () => {
    await sender.stop();
    await receiver.stop();
    await server.stop();
  });

  it('finds, seals, sends, lists, opens and acts, and the person’s code takes it back', async () => {
    const { laRuelle, clinique } = server.network;
    const services = await run<{ id: string }[]>(sender, ['services']);
    expect(services.map(({ id }) => id)).toContain(clinique.service);
    const sealed = await run<{ draft: string; receiptCode: string }>(sender, ['refer'], {
      from: laRuelle.service,
      to: clinique.service,
      consent: {
        purpose: 'health-care',
        fields: ['calledName', 'reason'],
        language: 'fr',
        modality: 'spoken',
        representation: 'none',
        alternativesOffered: [],
        teachBack: true,
      },
      record: RECORD,
      priority: 'urgent',
    });
    const { draft } = sealed;
    for (let times = 0; times < 2; times++) await run(sender, ['send', draft]);
    const inbox = await run<{ referral: string }[]>(receiver, ['inbox']);
    expect(inbox.map(({ referral }) => referral)).toEqual([draft]);
    expect(await run(receiver, ['open', draft])).toMatchObject({ record: RECORD });
    await run(receiver, ['act', draft, 'accept']);
    await run(receiver, ['write', draft, 'Mardi à 9 h ?']);
    await run(sender, ['write', draft, 'Goed.']);
    const thread = await run<{ side: string; text: string }[]>(receiver, ['messages', draft]);
    expect(thread.map(({ side, text }) => [side, text])).toEqual([
      ['target', 'Mardi à 9 h ?'],
      ['source', 'Goed.'],
    ]);
    expect(await getReferral(laRuelle.worker, draft)).toMatchObject({ status: 'accepted' });

    await (await Receipt.fromCode(server.address, sealed.receiptCode)).withdraw();
    expect(await run(sender, ['show', draft])).toMatchObject({ statusReason: 'consent-withdrawn' });
    await expect(run(receiver, ['open', draft])).rejects.toThrow('refused: consent_inactive (409)');
  });
});
