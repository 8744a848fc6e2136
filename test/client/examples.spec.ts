import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

describe('what relais/client says of itself', () => {
  it('has a sentence, what it throws and an example that compiles for each verb, and stands in docs/client.md', async () => {
    const ended = await run('node', ['scripts/client-docs.js', '--check']).catch((error: unknown) => error);
    expect(ended).toMatchObject({ stdout: '', stderr: '' });
    // a compiler runs on the whole client
  }, 180_000);
});
