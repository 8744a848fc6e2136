const FIRST_MS = 50;
const LONGEST_MS = 500;

/** Lets so many milliseconds pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Between two looks at what the server will have in a moment: short at first, as it mostly has it by then.
 */
export function waitForServer(attempt: number): Promise<void> {
  return pause(Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS));
}
