/**
 * Certificates for examples, made on the spot and gone with the process: an authority, whom it vouches for, and what it takes back. For real
 * nodes make them with OpenSSL, as docs/SECURITY.md shows, and keep the key of the authority away from all of them.
 *
 * It needs two packages that replivec does not install: npm install @peculiar/x509 reflect-metadata
 */
import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const HOUR_MS = 60 * 60 * 1000

/** An authority of a cluster's own. `ca` is its certificate in PEM, for the option `tls.ca` of every node. */
export async function createAuthority() {
  const keys = await newKeys()
  const subject = 'CN=authority of the example'
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    signingAlgorithm: ALGORITHM,
    ...anHour(),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })

  /** A certificate that names a node, for who is dialed at 127.0.0.1 and for who dials. `cert` and `key` are what `tls` takes. */
  async function issue(nodeId) {
    const own = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${nodeId}`,
      issuer: subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...anHour(),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
      ],
    })
    const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey)
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
  }

  /** The list of certificates that count no more, for the option `tls.crl`. */
  async function revoke(...certificates) {
    const { notBefore: revocationDate, notAfter } = anHour()
    const list = await x509.X509CrlGenerator.create({
      issuer: subject,
      thisUpdate: revocationDate,
      nextUpdate: notAfter,
      signingAlgorithm: ALGORITHM,
      signingKey: keys.privateKey,
      entries: certificates.map(({ cert }) => ({
        serialNumber: new x509.X509Certificate(cert).serialNumber,
        revocationDate,
      })),
    })
    return x509.PemConverter.encode(list.rawData, 'X509 CRL')
  }

  return { ca: authority.toString('pem'), issue, revoke }
}

function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function anHour() {
  return { notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) }
}
