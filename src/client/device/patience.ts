const FIRST_MS = 50;
const LONGEST_MS = 500;

/**
 * Between two looks at what the server will have in a moment: short at first, as it mostly has it by then.
 */
export async function waitForServer(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS)));
}
