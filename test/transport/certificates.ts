/** Certificates for tests, made on the spot: authorities, whom they vouch for, and what they take back. */
import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as never)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 24 * 60 * 60 * 1000

/** What a certificate says. */
export interface Wanted {
  /** The common name, or the whole subject where it begins otherwise: `CN=a,CN=b`. */
  readonly subject: string
  /** 127.0.0.1 by default, so that it does for a listener of tests. */
  readonly names?: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** A certificate and its key, as `tls` takes them. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

const HERE = [{ type: 'ip', value: '127.0.0.1' }] as const

/** Signs certificates, and lists of those that it takes back. */
export class CertificateAuthority {
  /** PEM: its own certificate. */
  readonly ca: string
  readonly #certificate: x509.X509Certificate
  readonly #keys: webcrypto.CryptoKeyPair

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.ca = certificate.toString('pem')
    this.#certificate = certificate
    this.#keys = keys
  }

  static async create(name = 'tests'): Promise<CertificateAuthority> {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys: keys as never,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() + 30 * DAY_MS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
      ],
    })
    return new CertificateAuthority(certificate, keys)
  }

  /** A certificate that holds for a day from now, unless it is wanted otherwise. */
  async issue(wanted: Wanted | string): Promise<Identity> {
    const {
      subject,
      names = HERE,
      notBefore,
      notAfter,
    }: Wanted = typeof wanted === 'string' ? { subject: wanted } : wanted
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      subject: subject.includes('=') || subject === '' ? subject : `CN=${subject}`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey as never,
      signingKey: this.#keys.privateKey as never,
      signingAlgorithm: ALGORITHM,
      notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
      notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
      ],
    })
    return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
  }

  /** PEM: the list of the certificates that it takes back. */
  async revoke(...revoked: readonly Identity[]): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.#certificate.subject,
      thisUpdate: new Date(Date.now() - DAY_MS),
      nextUpdate: new Date(Date.now() + DAY_MS),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#keys.privateKey as never,
      entries: revoked.map(({ cert }) => ({
        serialNumber: new x509.X509Certificate(cert).serialNumber,
        revocationDate: new Date(Date.now() - DAY_MS),
      })),
    })
    // Under the label of the standard (RFC 7468); the library has one of its own.
    return x509.PemConverter.encode(list.rawData, 'X509 CRL')
  }
}

/** A moment as far from now as the days say. */
export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS)
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
