// What the program and its commands from elsewhere are made of, without the rest of the engine: only what every
// command needs is loaded before a word is read.
export { Arguments, type CliContext, type Command, EXIT, type Probe } from "./cli/command.ts";
export { STORE_FLAG } from "./cli/flags.ts";
export { main } from "./cli/main.ts";
export { processTerminal, type Terminal } from "./cli/report/terminal.ts";
