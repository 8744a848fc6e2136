import { randomBytes } from 'node:crypto';
import { existsSync, statfsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/index.js';

const MIB = 2 ** 20;
/** With less than this, content is refused: what is left is for withdrawals. */
const TIGHT = 64 * MIB;
/**
 * Given back once less than this is left, because something else has filled the disk; taken again when there
 * is room.
 */
const EMPTY = 16 * MIB;
const RESERVE = 32 * MIB;
const ROOMY = 4 * TIGHT;
const EVERY_MS = 2_000;
/** The reserve is not the first thing that a start does. */
const SETTLED_MS = 60_000;
const NAME = 'reserve';

/**
 * The room on the disk of the data directory, where the embedded database lies as well. Sends are refused
 * while there still is some, so that withdrawals go on; and a reserve is given back when something else has
 * filled the disk after all.
 */
@Injectable()
export class Room implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private tight = false;
  private readonly started = performance.now();
  private working: Promise<void> | undefined;

  constructor(private readonly config: Config) {}

  get isTight(): boolean {
    return this.tight;
  }

  async onModuleInit(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async look(isSettled = performance.now() - this.started > SETTLED_MS): Promise<void> {
    this.working ??= this.judge(isSettled)
      // whatever fails here, the disk is judged again in a moment
      .catch(() => undefined)
      .finally(() => (this.working = undefined));
    await this.working;
  }

  private async judge(isSettled: boolean): Promise<void> {
    const { bavail, bsize } = statfsSync(this.config.data);
    const free = bavail * bsize;
    this.say(free < TIGHT);
    const path = join(this.config.data, NAME);
    if (free < EMPTY) await rm(path, { force: true });
    if (isSettled && free > ROOMY && !existsSync(path)) await writeReserve(path);
  }

  private say(isTight: boolean): void {
    if (isTight === this.tight) return;
    this.tight = isTight;
    const sentence = isTight
      ? `less than ${TIGHT / MIB} MiB are free for ${this.config.data}: nothing new is taken; withdrawals and answers go on`
      : 'there is room on the disk again: everything is taken';
    process.stderr.write(`relais: ${sentence}\n`);
  }
}

/** Random bytes, which no file system packs; under its name once all of them are there. */
async function writeReserve(path: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    for (let written = 0; written < RESERVE; written += MIB) await file.write(randomBytes(MIB));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
