/** Tells the story on the terminal: who does what, what the server sees of it, what it cannot see. */
export class Narrator {
  private chapters = 0;

  chapter(title: string): void {
    this.chapters += 1;
    this.write(`\n${this.chapters}. ${title}\n${'─'.repeat(title.length + 3)}`);
  }

  /** Somebody acts. */
  act(who: string, what: string): void {
    this.write(`  ${who.padEnd(18)} ${what}`);
  }

  sees(what: string): void {
    this.write(`    the server sees: ${what}`);
  }

  cannotSee(what: string): void {
    this.write(`    it cannot see:   ${what}`);
  }

  write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
