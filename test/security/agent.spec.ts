import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certifyRequests, invite } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { newCode } from '../../src/protocol/encoding/codes.js';
import { normaliseCode } from '../../src/protocol/encoding/typed.js';
import {
  givenAgent,
  givenJoinedAgent,
  readToken,
  relais,
  runRelais,
  type TestAgent,
} from '../support/machines/agent.js';
import { shiftClock, until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('whoever asks the agent', () => {
  let server: FoundedServer;
  let sender: TestAgent;
  let receiver: TestAgent;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    sender = await givenJoinedAgent(server.address, laRuelle);
    receiver = await givenJoinedAgent(server.address, clinique);
    agents.push(sender, receiver);
  });
  afterAll(async () => {
    for (const agent of agents.reverse()) await agent.stop();
    await server.stop();
  });

  it('keeps everything in files that nobody else can read', () => {
    for (const path of [sender.state, join(sender.state, 'drafts')])
      expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const path of [...filesOf(sender.state), sender.socket])
      expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('answers nobody without the token, on the socket too', async () => {
    const wrong = readToken(receiver.state);
    for (const token of [null, '', wrong, `${readToken(sender.state)}x`])
      for (const path of ['/status', '/referrals?box=inbox', '/nowhere']) {
        const answer = await sender.ask({ path, token });
        expect(answer).toMatchObject({ status: 401, type: 'application/problem+json' });
        expect(answer.body).toEqual({ ...answer.body, type: '/problems/unauthorised' });
      }
  });

  it.each([
    ['an unknown member', { ...{ code: newCode() }, more: 1 }],
    ['a member twice', '{"code":"A","code":"B"}'],
    ['no JSON', 'code=secret-value'],
    ['a list', []],
  ])('refuses %s, and repeats nothing of it', async (_, body) => {
    const answer = await sender.ask({ method: 'POST', path: '/join', body });
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(answer.body).toEqual({
      type: '/problems/input_invalid',
      title: expect.any(String),
      status: 400,
      errors: [{ pointer: expect.stringMatching(/^(\/(more|code))?$/), detail: expect.any(String) }],
    });
  });

  it('goes on joining after a crash, with the keys it asked with', async () => {
    const { coordinator, service } = server.network.laRuelle;
    let agent = await givenAgent(server.address);
    expect((await agent.ask({ path: '/services' })).body).toMatchObject({ type: '/problems/not_joined' });
    const unknown = await agent.ask({ method: 'POST', path: '/join', body: { code: newCode() } });
    expect(unknown.body).toMatchObject({ type: '/problems/invitation_unknown', status: 404 });
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const asked = await agent.ask({ method: 'POST', path: '/join', body: { code } });
    expect(asked).toMatchObject({ status: 202, body: { state: 'joining' } });
    await agent.kill();
    expect(
      filesOf(agent.state)
        .map((path) => normaliseCode(readFileSync(path, 'utf8')))
        .join(),
    ).not.toContain(normaliseCode(code));
    agent = await agent.again();
    agents.push(agent);
    await certifyRequests(coordinator);
    await until(async () => (await agent.ask({ path: '/status' })).body['state'] === 'ready');
    expect((await agent.ask({ path: '/referrals?box=outbox' })).status).toBe(200);
  });

  it('may join with another invitation once the first one’s day is over', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const agent = await givenAgent(server.address);
    agents.push(agent);
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    await agent.ask({ method: 'POST', path: '/join', body: { code } });
    await shiftClock(server.urls, '25 hours');
    try {
      await until(async () => (await agent.ask({ path: '/status' })).body['state'] === 'new');
    } finally {
      await shiftClock(server.urls, '0 hours');
    }
    expect((await agent.ask({ path: '/status' })).body).toEqual({
      state: 'new',
      trouble: 'invitation_unknown',
      clockError: null,
    });
    expect(readdirSync(agent.state)).not.toContain('joining.json');
  });

  it('says of a damaged file no more than its name', async () => {
    const state = mkdtempSync(join(tmpdir(), 'relais-agent-'));
    writeFileSync(join(state, 'device.json'), '{"sign":"NEVER-SHOWN"', { mode: 0o600 });
    const started = await relais(['agent', '--state', state, '--server', server.address]);
    expect(started).toMatchObject({ code: 1, output: expect.stringContaining('device.json is damaged') });
    expect(started.output).not.toContain('NEVER');
    rmSync(state, { recursive: true });
  });

  it('does not start where others can read its token or write into its folder', async () => {
    const state = mkdtempSync(join(tmpdir(), 'relais-agent-'));
    writeFileSync(join(state, 'token'), `${'a'.repeat(43)}\n`, { mode: 0o644 });
    const args = ['agent', '--state', state, '--server', server.address];
    expect(await relais(args)).toMatchObject({ code: 1, output: expect.stringContaining('read by others') });
    chmodSync(state, 0o770);
    expect(await relais(args)).toMatchObject({ code: 1, output: expect.stringContaining('somebody else') });
    rmSync(state, { recursive: true });
  });

  it('has its folder to itself, and ends what was begun before it ends', async () => {
    const second = await relais(['agent', '--state', receiver.state]);
    expect(second.code).toBe(1);
    expect(second.output).toContain('in use');
    const { referral } = await referSomebody(server.network, { calledName: 'Sam' });
    const opening = receiver.ask({ method: 'POST', path: `/referrals/${referral}/open` });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await receiver.end()).toBe(0);
    expect(await opening).toMatchObject({ status: 200, body: { record: { calledName: 'Sam' } } });
    expect(readdirSync(receiver.state)).not.toContain('agent.sock');
    receiver = await receiver.again();
    agents.push(receiver);
    expect((await receiver.ask({ path: '/referrals?box=inbox' })).status).toBe(200);
  });

  it('listens on the loopback interface where that is asked for, and asks for the token there too', async () => {
    const state = mkdtempSync(join(tmpdir(), 'relais-agent-'));
    const { child, output } = runRelais([
      'agent',
      ...['--state', state, '--server', server.address, '--tcp', '127.0.0.1:0'],
    ]);
    const address = () => /http:\/\/127[.]0[.]0[.]1:[0-9]+/.exec(output())?.[0];
    await until(() => Promise.resolve(address() !== undefined));
    const authorization = `Bearer ${readToken(state)}`;
    expect((await fetch(`${address()}/status`, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(`${address()}/status`)).status).toBe(401);
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    rmSync(state, { recursive: true });
  });

  it.each([
    '0.0.0.0:8700',
    '192.168.1.2:8700',
    'localhost:8700',
    '127.0.0.1',
    '[::]:8700',
    '127.0.0.1:99999',
  ])('does not listen on %s', async (tcp) => {
    const refused = await relais(['agent', '--state', receiver.state, '--tcp', tcp, '--language', 'nl']);
    expect(refused).toMatchObject({ code: 2 });
    // what is no address and port at all is refused before, as any option's value is
    expect(refused.output).toMatch(/De agent luistert alleen op deze machine|--tcp moet HOST:POORT zijn/);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
