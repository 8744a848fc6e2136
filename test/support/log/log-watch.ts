import { expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64 } from '../../../src/protocol/encoding/bytes.js';
import { statementLeaf } from '../../../src/protocol/log/leaves.js';
import { leafHash, rootOf } from '../../../src/protocol/log/merkle.js';
import { parseBundle } from '../../../src/protocol/log/tiles.js';
import { asOwner } from '../machines/database.js';
import type { ServerProcess } from '../machines/process.js';

interface Stated {
  readonly referral: string;
  readonly jws: string;
  readonly opening: Buffer;
  readonly name: string;
  readonly index: string;
}

/** Remembers what was signed, look by look, and holds the log at the end to all of it. */
export class LogWatch {
  /** Root by origin and size. */
  private readonly seen = new Map<string, string>();

  constructor(private readonly server: Pick<ServerProcess, 'urls' | 'data'>) {}

  /** What the database has signed, and what the fence says was shown. */
  async look(): Promise<void> {
    const heads = await asOwner<{ origin: string; size: string; root: Buffer }>(
      this.server.urls,
      'SELECT l.origin, h.size, h.root FROM log_head h JOIN log l ON l.id = h.log',
    );
    for (const { origin, size, root } of heads) this.remember(origin, size, toBase64(root));
    const fence = join(this.server.data, 'fence');
    for (const name of readdirSync(fence).filter((file) => !file.endsWith('.tmp'))) {
      const [origin = '', size = '', root = ''] = readFileSync(join(fence, name), 'utf8').split('\n');
      this.remember(origin, size, root);
    }
  }

  /** Whether every statement is in the log. */
  async isSequenced(): Promise<boolean> {
    const left = await asOwner(
      this.server.urls,
      `SELECT FROM statement s WHERE NOT EXISTS (SELECT FROM log_position p WHERE p.pending = s.pending) LIMIT 1`,
    );
    return left.length === 0;
  }

  /**
   * One history: contiguous, every statement once and in its chain's order, every root ever signed on the
   * way.
   */
  async requireOneLog(): Promise<void> {
    const logs = await asOwner<{ id: number; origin: string }>(
      this.server.urls,
      'SELECT id, origin FROM log',
    );
    for (const { id, origin } of logs) {
      const leaves = await this.leavesOf(id);
      const seen = [...this.seen].filter(([key]) => key.startsWith(`${origin} `));
      expect(seen.length).toBeGreaterThan(0);
      for (const [key, root] of seen) {
        const size = Number(key.split(' ')[1]);
        expect(size).toBeLessThanOrEqual(leaves.length);
        expect(toBase64(rootOf(leaves.slice(0, size).map(leafHash)))).toBe(root);
      }
      if (origin.includes('/consent/')) await this.requireStatements(leaves);
    }
  }

  private async requireStatements(leaves: readonly Uint8Array[]): Promise<void> {
    const stated = await asOwner<Stated>(
      this.server.urls,
      `SELECT s.referral, s.jws, s.opening, l.name, p.index FROM statement s JOIN log_position p ON p.pending = s.pending
        JOIN log l ON l.id = p.log ORDER BY s.referral, s.number`,
    );
    const [counts] = await asOwner<{ positions: number; pending: number }>(
      this.server.urls,
      'SELECT (SELECT count(*) FROM log_position)::int AS positions, (SELECT count(*) FROM log_pending)::int AS pending',
    );
    expect(counts).toEqual({ positions: stated.length, pending: 0 });
    expect(new Set(stated.map(({ index }) => index)).size).toBe(stated.length);
    for (const [i, { name, jws, opening, index, referral }] of stated.entries()) {
      expect(toBase64(leaves[Number(index)] ?? new Uint8Array(0))).toBe(
        toBase64(statementLeaf(name, opening, jws)),
      );
      const before = stated[i - 1];
      if (before?.referral === referral) expect(BigInt(index)).toBeGreaterThan(BigInt(before.index));
    }
  }

  private async leavesOf(log: number): Promise<Uint8Array[]> {
    const rows = await asOwner<{ n: string; width: number; bytes: Buffer }>(
      this.server.urls,
      `SELECT n, width, bytes FROM log_entries WHERE log = ${log} ORDER BY n`,
    );
    for (const [i, { n, width }] of rows.entries()) {
      expect(Number(n)).toBe(i);
      if (i < rows.length - 1) expect(width).toBe(256);
    }
    return rows.flatMap(({ width, bytes }) => parseBundle(bytes, width));
  }

  private remember(origin: string, size: string, root: string): void {
    const key = `${origin} ${size}`;
    expect(this.seen.get(key) ?? root).toBe(root);
    this.seen.set(key, root);
  }
}
