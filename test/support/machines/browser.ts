import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { describeWith } from './needs.js';

const CHROMIUM = '/usr/bin/chromium';
/** Nothing but what the page itself asks for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Registers tests where Chromium is; elsewhere says how to get it, and under CI that is a failure. */
export function describeWithBrowser(name: string, tests: () => void): void {
  describeWith(name, existsSync(CHROMIUM) ? [] : ['chromium'], tests);
}

export interface Browser {
  /** A person's device: nothing is shared between two of them. */
  readonly device: (options?: BrowserContextOptions) => Promise<Device>;
  readonly close: () => Promise<void>;
}

export interface Device {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page's policy forbade, and what went wrong in it without being caught. */
  readonly faults: string[];
  /** Every address that it asked for. */
  readonly requests: string[];
}

/** An old phone's screen. */
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, locale: 'fr-BE' };

export async function givenBrowser(more: readonly string[] = []): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'relais-browser-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const args = [...ARGUMENTS, ...more];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args, env });
  return {
    device: async (options) => watched(await atMoment(await browser.newContext({ ...PHONE, ...options }))),
    close: async () => {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * Chromium does not start under libfaketime: where the run has another moment, its pages have it by
 * Playwright's clock.
 */
async function atMoment(context: BrowserContext): Promise<BrowserContext> {
  if (process.env['RELAIS_MOMENT'] !== undefined) await context.clock.install({ time: new Date() });
  return context;
}

async function watched(context: BrowserContext): Promise<Device> {
  const page = await context.newPage();
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    // that a request was refused is no fault of the page: it asks for the server's nonce so
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  context.on('request', (request) => requests.push(request.url()));
  return { context, page, faults, requests };
}
