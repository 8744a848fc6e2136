import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vouchForWebApp } from '../../src/client/index.js';
import { relais } from '../support/machines/agent.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/**
 * Partners watch what the server hands to a person's browser; each builds the same bytes from the same
 * source.
 */
describe('relais monitor', () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-monitor-'));
  const trust = join(root, 'trust.json');
  let server: FoundedServer;
  let between: Server;
  let change: (path: string, body: Buffer) => Buffer | undefined = (_, body) => body;

  beforeAll(async () => {
    server = await givenNetwork();
    writeFileSync(trust, JSON.stringify(server.network.trust));
    between = createServer((request, response) => {
      void fetch(`${server.address}${request.url ?? ''}`).then(async (answer) => {
        const body = change(request.url ?? '', Buffer.from(await answer.arrayBuffer()));
        response.writeHead(body ? answer.status : 404, {
          'content-type': answer.headers.get('content-type') ?? '',
        });
        response.end(body);
      });
    });
    await new Promise<void>((done) => between.listen(0, '127.0.0.1', done));
  });
  afterAll(async () => {
    between.close();
    rmSync(root, { recursive: true });
    await server.stop();
  });
  beforeEach(() => {
    change = (_, body) => body;
  });

  const monitor = () => {
    const address = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    return relais(['monitor', '--server', address, '--trust', trust, '--language', 'en']);
  };

  it('says so while nobody vouches for the web app', async () => {
    const { code, output } = await monitor();
    expect([code, output]).toEqual([1, expect.stringContaining('NOBODY VOUCHES')]);
  });

  it('names who does, once a coordinator has looked at the manifest of a build', async () => {
    const { output: manifest } = await relais(['monitor', 'manifest']);
    await vouchForWebApp(server.network.clinique.coordinator, manifest);
    expect(await monitor()).toEqual({
      code: 0,
      output: 'The web app is the one that these organisations vouch for: \u2068Clinique du Canal\u2069\n',
    });
  });

  it('finds a page that was changed on its way, and one that is gone', async () => {
    change = (path, body) => (path === '/receipt' ? Buffer.concat([body, Buffer.from(' ')]) : body);
    const changed = await monitor();
    change = (path, body) => (path === '/today' ? undefined : body);
    const gone = await monitor();
    for (const [{ code, output }, path] of [
      [changed, '/receipt'],
      [gone, '/today'],
    ] as const)
      expect([code, output]).toEqual([
        1,
        expect.stringContaining(`DIFFERENT from what the server itself lists: \u2068${path}\u2069\n`),
      ]);
  });

  it('finds a script that the server lists as its own, and says that it is not this installation’s', async () => {
    change = (path, body) =>
      path === '/web-app.sha256'
        ? Buffer.from(body.toString().replace(/[0-9a-f]{64}/, '0'.repeat(64)))
        : body;
    const { code, output } = await monitor();
    expect(code).toBe(1);
    expect(output).toContain('NOBODY VOUCHES');
    expect(output).toContain('It is not the one of this installation');
  });

  it('ends with 2 without a server or a trust file', async () => {
    expect(await relais(['monitor', '--language', 'nl'])).toMatchObject({ code: 2 });
    const nothing = ['--server', server.address, '--trust', join(root, 'nothing')];
    expect(await relais(['monitor', ...nothing])).toMatchObject({ code: 2 });
  });

  it('rests on a build that gives the same bytes again', () => {
    const again = join(root, 'web');
    execFileSync('npx', ['vite', 'build', '--outDir', again, '--emptyOutDir'], { stdio: 'ignore' });
    const files = readdirSync('dist/web', { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      expect(readFileSync(path.replace('dist/web', again))).toEqual(readFileSync(path));
    }
  });
});
