/** A PostgreSQL of one's own on loopback, from Debian's packages, which is gone afterwards. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const binaries = "/usr/lib/postgresql"

/** Where its programs are; none if it is not installed. */
const installed = (): string | undefined =>
  Fs.existsSync(binaries)
    ? Fs.readdirSync(binaries).map((version) => Path.join(binaries, version, "bin")).find((bin) => Fs.existsSync(Path.join(bin, "initdb")))
    : undefined

const sh = (command: string) => ChildProcess.execSync(command, { stdio: ["ignore", "pipe", "pipe"] }).toString()

const install = (): string => {
  sh("apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql")
  const bin = installed()
  if (bin === undefined) throw new Error("PostgreSQL could not be installed: it is needed for this part, from Debian's package `postgresql`")
  return bin
}

/** It does not run as root. */
const as = process.getuid?.() === 0 ? "runuser -u postgres -- " : ""

/** Starts one; its URL without a database's name, and how a database is made. */
export const serve = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const bin = installed() ?? install()
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-pg-"))
      if (as !== "") sh(`chown postgres ${folder}`)
      sh(`${as}${bin}/initdb -D ${folder}/data -U postgres --auth=trust`)
      sh(`${as}${bin}/pg_ctl -D ${folder}/data -w -l ${folder}/log -o "-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c max_connections=200" start`)
      return {
        stop: () => {
          sh(`${as}${bin}/pg_ctl -D ${folder}/data -m immediate stop`)
          Fs.rmSync(folder, { recursive: true, force: true })
        },
        /** In which files of the server a word stands: tables, indexes and what was written ahead, rows that were removed among them. */
        filesWith: (word: string): ReadonlyArray<string> => {
          sh(`psql -h 127.0.0.1 -p ${port} -U postgres -c CHECKPOINT`)
          const data = `${folder}/data`
          return Fs.readdirSync(data, { recursive: true, encoding: "utf8" })
            .filter((file) => Fs.statSync(Path.join(data, file)).isFile() && Fs.readFileSync(Path.join(data, file)).includes(word))
        },
        create: (name: string): string => {
          sh(`${as}${bin}/createdb -h 127.0.0.1 -p ${port} -U postgres ${name}`)
          return `postgres://postgres@127.0.0.1:${port}/${name}`
        }
      }
    }),
    ({ stop }) => Effect.sync(stop)
  )
