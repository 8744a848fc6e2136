#!/usr/bin/env node
const COMMANDS: Readonly<Record<string, () => Promise<(argv: string[]) => Promise<number>>>> = {
  agent: async () => (await import('./agent.js')).agentCommand,
  audit: async () => (await import('./audit.js')).auditCommand,
  backup: async () => (await import('./backup.js')).backupCommand,
  demo: async () => (await import('./demo/demo.js')).demoCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  drill: async () => (await import('./drill.js')).drillCommand,
  export: async () => (await import('./export.js')).exportCommand,
  init: async () => (await import('./init.js')).initCommand,
  log: async () => (await import('./log.js')).logCommand,
  monitor: async () => (await import('./monitor.js')).monitorCommand,
  restore: async () => (await import('./restore.js')).restoreCommand,
  serve: async () => (await import('./serve.js')).serveCommand,
  verify: async () => (await import('./verify.js')).verifyCommand,
  witness: async () => (await import('./witness.js')).witnessCommand,
};

const USAGE = `relais: pass a person on to help, with their consent

  relais demo [--once]      the whole story on this machine, told step by step
  relais init               make the database and its logins, and stop
  relais serve              serve a network (an empty one at first) and say what to do next
  relais verify DIR --trust FILE [--cases DIR] [--sample FILE] [--json] [--language en|fr|nl]
                            check a copy of the public log, offline
  relais verify ADDRESS --save DIR --trust FILE …
                            copy the public log to DIR first; exit 0 sound, 1 something does not hold,
                            2 input is missing or cannot be read, 3 a fault of this program
  relais agent --server ADDRESS [--state FOLDER] [--socket FILE | --tcp 127.0.0.1:PORT]
                            hold one device's keys for the apps of this machine, which need no crypto
  relais export make --state FOLDER --to FILE
                            seal all that an organisation may take along to its paper code
  relais export open FILE --to FOLDER
                            open it, to read and to print; the paper code is typed
  relais witness new|pull|serve --state FOLDER …
                            watch the logs for one organisation, and cosign what continues
  relais monitor --server ADDRESS --trust FILE
                            whether a server delivers the web app that organisations vouch for
  relais log export DIR --server ADDRESS --trust FILE
                            a copy of the public logs that any web server can serve, brought up to date
  relais audit draw|collect --state FOLDER …
                            draw leaves of the consent log as an auditor, and collect what their holders answer
  relais backup new-key     make the key that opens backups, once; it is printed, and kept nowhere
  relais backup DIR         write an encrypted backup into DIR, and delete those older than 30 days
  relais restore FILE --erasures DIR|lost
                            put a backup into an empty place; the key is typed
  relais drill              back up and restore into a scratch place, and compare
  relais log recover DIR …  give a restored network the copies of the logs that its witnesses keep
  relais doctor             say what is wrong with this machine, and how to mend it
`;

const [name = '', ...argv] = process.argv.slice(2);
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (load) {
  try {
    process.exitCode = await (await load())(argv);
  } catch (error) {
    // What went wrong, for whoever runs the machine; a stack trace would only hide it.
    process.stderr.write(`relais ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} else {
  process.stdout.write(USAGE);
  process.exitCode = name === '' || name === 'help' || name === '--help' ? 0 : 2;
}
