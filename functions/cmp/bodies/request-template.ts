/** certReqTemplate (RFC 9810 5.3.19.15, RFC 9483 4.3.3): which keys and purposes the endpoint's profile takes. */
import type { SubjectKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { infoTypeDer } from "#shared/pki/cmp/info-type";
import { controlOids } from "#shared/pki/cmp/oids";
import { integer, oid, sequence, sequenceOf, tlv } from "#shared/pki/der/writer";
import { extKeyUsage } from "#shared/pki/extensions";
import { oids } from "#shared/pki/oids";
import { endpointProfile } from "#shared/usecases/endpoint-issuer";
import type { Exchange } from "../exchange.ts";

const algId = (identifier: Uint8Array): Uint8Array => sequence(oid(controlOids.algId), identifier);

/** One control says one kind of key: an RSA key by its length, every other one by its AlgorithmIdentifier. */
function keySpec(algorithm: SubjectKeyAlgorithm, minRsaBits: number): Uint8Array {
  switch (algorithm) {
    case "RSA":
      return sequence(oid(controlOids.rsaKeyLen), integer(minRsaBits));
    case "RSA-PSS":
      return algId(sequence(oid(oids["id-RSASSA-PSS"])));
    case "P-256":
    case "P-384":
    case "P-521":
      return algId(sequence(oid(oids.ecPublicKey), oid(oids[algorithm])));
    default:
      return algId(sequence(oid(oids[algorithm])));
  }
}

export async function requestTemplate({ deps, endpoint }: Exchange): Promise<Uint8Array> {
  const { spec } = await endpointProfile(deps, endpoint);
  const template = sequence(tlv(0xa9, [extKeyUsage(spec.extended_key_usages)]));
  const keys = spec.allowed_key_algorithms.map((algorithm) => keySpec(algorithm, spec.min_rsa_bits));
  return infoTypeDer("certReqTemplate", sequence(template, ...(keys.length === 0 ? [] : [sequenceOf(keys)])));
}
