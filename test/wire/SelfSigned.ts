/** Self-signed certificates, made on the spot: no key lies in the repository, and none expires there. */
import { Buffer } from "node:buffer"
import { generateKeyPairSync, sign } from "node:crypto"

const der = (tag: number, ...content: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(content)
  const length = body.length < 0x80
    ? [body.length]
    : body.length < 0x100
    ? [0x81, body.length]
    : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...content: ReadonlyArray<Buffer>) => der(0x30, ...content)
const oid = (...octets: ReadonlyArray<number>) => der(0x06, Buffer.from(octets))

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const subjectAltName = oid(0x55, 0x1d, 0x11)
const commonName = oid(0x55, 0x04, 0x03)

const utcTime = (date: Date) =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`))

export interface Options {
  /** For which the certificate is valid: the loopback address, or a name that is somebody else. */
  readonly host: "127.0.0.1" | "somebody-else.invalid"
  readonly notAfter: Date
}

/** A private key and its self-signed certificate, both as PEM. */
export const selfSigned = ({ host, notAfter }: Options): { readonly key: string; readonly cert: string } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from("wire test")))))
  const alternative = host === "127.0.0.1" ? der(0x87, Buffer.from([127, 0, 0, 1])) : der(0x82, Buffer.from(host))
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(new Date("2020-01-01T00:00:00Z")), utcTime(notAfter)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(subjectAltName, der(0x04, sequence(alternative)))))
  )
  const signature = sign("sha256", toBeSigned, privateKey)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`
  }
}
