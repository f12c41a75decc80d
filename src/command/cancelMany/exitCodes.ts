/** The exit codes of `cancel-many`, for scripts. */
export const exitCodes = [
  { code: 0, meaning: "every payment is cancelled, or the provider has accepted the cancel" },
  { code: 1, meaning: "it could not run: a variable is missing, a file cannot be written" },
  { code: 2, meaning: "the command line or the file is invalid: nothing was sent" },
  { code: 3, meaning: "all is settled, but some payments were refused for good: their codes say why" },
  { code: 4, meaning: "some payments are not settled: run it again, or do what it says" },
  { code: 130, meaning: "stopped by Ctrl-C or SIGTERM: run it again" }
] as const
