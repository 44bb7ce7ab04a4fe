import java.io.OutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.cmp.CMPObjectIdentifiers;
import org.bouncycastle.asn1.cmp.CRLSource;
import org.bouncycastle.asn1.cmp.CRLStatus;
import org.bouncycastle.asn1.cmp.CertReqTemplateContent;
import org.bouncycastle.asn1.cmp.ErrorMsgContent;
import org.bouncycastle.asn1.cmp.GenMsgContent;
import org.bouncycastle.asn1.cmp.GenRepContent;
import org.bouncycastle.asn1.cmp.InfoTypeAndValue;
import org.bouncycastle.asn1.cmp.PKIBody;
import org.bouncycastle.asn1.cmp.PKIHeader;
import org.bouncycastle.asn1.cmp.PKIMessages;
import org.bouncycastle.asn1.cmp.RevDetails;
import org.bouncycastle.asn1.cmp.RevRepContent;
import org.bouncycastle.asn1.cmp.RevReqContent;
import org.bouncycastle.asn1.crmf.CertTemplateBuilder;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PBMAC1Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.cmp.CertificateConfirmationContentBuilder;
import org.bouncycastle.cert.cmp.GeneralPKIMessage;
import org.bouncycastle.cert.cmp.ProtectedPKIMessage;
import org.bouncycastle.cert.cmp.ProtectedPKIMessageBuilder;
import org.bouncycastle.cert.crmf.CertificateRepMessage;
import org.bouncycastle.cert.crmf.CertificateReqMessages;
import org.bouncycastle.cert.crmf.CertificateReqMessagesBuilder;
import org.bouncycastle.cert.crmf.jcajce.JcaCertificateRequestMessageBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.GenericKey;
import org.bouncycastle.operator.MacCalculator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcePBMac1CalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePBMac1CalculatorProviderBuilder;

/**
 * A CMP client of Bouncy Castle: `Cmp url reference secret name`. It enrols under PBMAC1, replaces the key under a signature,
 * wraps a request into a nested message, asks what the CA is, and has the last certificate revoked by itself; each answer's protection must
 * verify. It prints a line for each certificate: what it came by, and the DER in base64.
 */
public final class Cmp {
  private static final SecureRandom random = new SecureRandom();
  private static final JcePBMac1CalculatorProviderBuilder macs = new JcePBMac1CalculatorProviderBuilder();
  private static final GeneralName nobody = new GeneralName(new X500Name(new org.bouncycastle.asn1.x500.RDN[0]));
  private static URI url;
  private static char[] secret;
  private static byte[] reference;

  /** Who signs; null: under the MAC. */
  private record Signer(KeyPair keys, X509CertificateHolder certificate) {}

  private record Exchange(ProtectedPKIMessageBuilder builder, byte[] transaction, byte[] nonce) {}

  public static void main(String[] words) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    url = URI.create(words[0]);
    reference = words[1].getBytes("UTF-8");
    secret = words[2].toCharArray();
    String name = words[3];

    KeyPair first = newKeys();
    X509CertificateHolder enrolled = certificateBy("ir", PKIBody.TYPE_INIT_REQ, request(first, name), null);
    KeyPair second = newKeys();
    Signer old = new Signer(first, enrolled);
    X509CertificateHolder renewed = certificateBy("kur", PKIBody.TYPE_KEY_UPDATE_REQ, request(second, name), old);
    Signer own = new Signer(second, renewed);
    nested(request(newKeys(), name), own);
    ask(null, renewed);
    ask(own, renewed);
    revoke(own);
  }

  private static X509CertificateHolder certificateBy(String what, int type, CertificateReqMessages request, Signer signer)
      throws Exception {
    Exchange asked = begin(signer, null, null);
    asked.builder().setBody(type, request);
    ProtectedPKIMessage answer = send(asked, signer);
    X509CertificateHolder certificate = printed(what, answer);
    // Explicitly confirmed, in the same transaction.
    Exchange confirmed = begin(signer, asked.transaction(), answer.getHeader().getSenderNonce().getOctets());
    confirmed.builder().setBody(PKIBody.TYPE_CERT_CONFIRM, new CertificateConfirmationContentBuilder()
        .addAcceptedCertificate(certificate, BigInteger.ZERO)
        .build(new JcaDigestCalculatorProviderBuilder().build()));
    expect(send(confirmed, signer), PKIBody.TYPE_CONFIRM);
    return certificate;
  }

  private static void nested(CertificateReqMessages request, Signer signer) throws Exception {
    Exchange inner = begin(signer, null, null);
    inner.builder().addGeneralInfo(new InfoTypeAndValue(CMPObjectIdentifiers.it_implicitConfirm, DERNull.INSTANCE));
    inner.builder().setBody(PKIBody.TYPE_CERT_REQ, request);
    Exchange outer = begin(signer, inner.transaction(), null);
    ProtectedPKIMessage wrapped = protect(inner, signer);
    outer.builder().setBody(new PKIBody(PKIBody.TYPE_NESTED, new PKIMessages(wrapped.toASN1Structure())));
    printed("nested", answered(protect(outer, signer), inner, signer));
  }

  /** What the CA is, which keys it takes, and its CRL by the distribution point of a certificate of ours. */
  private static void ask(Signer signer, X509CertificateHolder own) throws Exception {
    CRLDistPoint points = CRLDistPoint.fromExtensions(own.getExtensions());
    CRLSource source = new CRLSource(points.getDistributionPoints()[0].getDistributionPoint(), null);
    ASN1Encodable list = new DERSequence(new CRLStatus(source, null));
    Exchange asked = begin(signer, null, null);
    asked.builder().setBody(new PKIBody(PKIBody.TYPE_GEN_MSG, new GenMsgContent(new InfoTypeAndValue[] {
        new InfoTypeAndValue(CMPObjectIdentifiers.id_it_caCerts),
        new InfoTypeAndValue(CMPObjectIdentifiers.id_it_rootCaCert),
        new InfoTypeAndValue(CMPObjectIdentifiers.id_it_certReqTemplate),
        new InfoTypeAndValue(CMPObjectIdentifiers.id_it_crlStatusList, list),
    })));
    ProtectedPKIMessage answer = send(asked, signer);
    expect(answer, PKIBody.TYPE_GEN_REP);
    InfoTypeAndValue[] told = GenRepContent.getInstance(answer.getBody().getContent()).toInfoTypeAndValueArray();
    ASN1Sequence certificates = ASN1Sequence.getInstance(told[0].getInfoValue());
    X509CertificateHolder issuer = new X509CertificateHolder(Certificate.getInstance(certificates.getObjectAt(0)));
    if (told[1].getInfoValue() != null) throw new IllegalStateException("a root that takes another's place");
    CertReqTemplateContent template = CertReqTemplateContent.getInstance(told[2].getInfoValue());
    X509CRLHolder crl = new X509CRLHolder(
        CertificateList.getInstance(ASN1Sequence.getInstance(told[3].getInfoValue()).getObjectAt(0)));
    boolean signed = crl.isSignatureValid(new JcaContentVerifierProviderBuilder().build(issuer));
    System.out.println((signer == null ? "told-by-mac " : "told-by-ra ") + certificates.size() + " certificates, "
        + (template.getKeySpec().size() > 0 ? "kinds of keys" : "any key") + ", CRL " + (signed ? "signed" : "forged"));
  }

  private static void revoke(Signer signer) throws Exception {
    X509CertificateHolder certificate = signer.certificate();
    CertTemplateBuilder details = new CertTemplateBuilder()
        .setIssuer(certificate.getIssuer())
        .setSerialNumber(new ASN1Integer(certificate.getSerialNumber()));
    Exchange asked = begin(signer, null, null);
    RevReqContent content = RevReqContent.getInstance(new DERSequence(new RevDetails(details.build())));
    asked.builder().setBody(new PKIBody(PKIBody.TYPE_REVOCATION_REQ, content));
    ProtectedPKIMessage answer = send(asked, signer);
    expect(answer, PKIBody.TYPE_REVOCATION_REP);
    int status = RevRepContent.getInstance(answer.getBody().getContent()).getStatus()[0].getStatus().intValue();
    System.out.println("revoked " + status);
  }

  private static Exchange begin(Signer signer, byte[] transaction, byte[] answers) {
    GeneralName sender = signer == null ? nobody : new GeneralName(signer.certificate().getSubject());
    byte[] nonce = octets();
    byte[] id = transaction == null ? octets() : transaction;
    ProtectedPKIMessageBuilder builder = new ProtectedPKIMessageBuilder(PKIHeader.CMP_2021, sender, nobody)
        .setMessageTime(new Date())
        .setTransactionID(id)
        .setSenderNonce(nonce);
    if (answers != null) builder.setRecipNonce(answers);
    if (signer == null) builder.setSenderKID(reference);
    else builder.addCMPCertificate(signer.certificate());
    return new Exchange(builder, id, nonce);
  }

  private static ProtectedPKIMessage protect(Exchange exchange, Signer signer) throws Exception {
    if (signer != null) return exchange.builder().build(signing(signer.keys()));
    return exchange.builder().build(new Pbmac1(octets()));
  }

  /** As RFC 8018 A.5 writes it: Bouncy Castle 1.83 computes the same and names the derivation PBES2. */
  private static final class Pbmac1 implements MacCalculator {
    private final AlgorithmIdentifier identifier;
    private final MacCalculator computed;

    Pbmac1(byte[] salt) throws Exception {
      AlgorithmIdentifier prf = JcePBMac1CalculatorBuilder.PRF_SHA256;
      AlgorithmIdentifier derivation =
          new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, 5_000, 32, prf));
      PBMAC1Params parameters = new PBMAC1Params(derivation, prf);
      identifier = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBMAC1, parameters);
      computed = new JcePBMac1CalculatorBuilder(parameters).build(secret);
    }

    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return identifier;
    }

    public OutputStream getOutputStream() {
      return computed.getOutputStream();
    }

    public byte[] getMac() {
      return computed.getMac();
    }

    public GenericKey getKey() {
      return computed.getKey();
    }
  }

  private static ProtectedPKIMessage send(Exchange exchange, Signer signer) throws Exception {
    return answered(protect(exchange, signer), exchange, signer);
  }

  /** The answer, when it is to this exchange and its protection verifies. */
  private static ProtectedPKIMessage answered(ProtectedPKIMessage message, Exchange exchange, Signer signer)
      throws Exception {
    HttpRequest request = HttpRequest.newBuilder(url)
        .header("Content-Type", "application/pkixcmp")
        .POST(HttpRequest.BodyPublishers.ofByteArray(message.toASN1Structure().getEncoded("DER")))
        .build();
    byte[] body = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
    GeneralPKIMessage general = new GeneralPKIMessage(body);
    if (!general.hasProtection()) throw new IllegalStateException("unprotected: " + textOf(general.getBody()));
    ProtectedPKIMessage answer = new ProtectedPKIMessage(general);
    boolean valid = signer == null
        ? answer.verify(macs.build(), secret)
        : answer.verify(new JcaContentVerifierProviderBuilder().build(answer.getCertificates()[0]));
    if (!valid) throw new IllegalStateException("the protection of the answer is wrong");
    if (!java.util.Arrays.equals(answer.getHeader().getRecipNonce().getOctets(), exchange.nonce()))
      throw new IllegalStateException("an answer to another message");
    return answer;
  }

  private static X509CertificateHolder printed(String what, ProtectedPKIMessage answer) throws Exception {
    if (!CertificateRepMessage.isCertificateRepMessage(answer.getBody().getType()))
      throw new IllegalStateException(what + ": " + textOf(answer.getBody()));
    CertificateRepMessage message = CertificateRepMessage.fromPKIBody(answer.getBody());
    X509CertificateHolder certificate = new X509CertificateHolder(
        message.getResponses()[0].getCertificate().getX509v3PKCert());
    System.out.println(what + " " + Base64.getEncoder().encodeToString(certificate.getEncoded()));
    return certificate;
  }

  private static void expect(ProtectedPKIMessage answer, int type) {
    if (answer.getBody().getType() != type) throw new IllegalStateException(textOf(answer.getBody()));
  }

  private static String textOf(PKIBody body) {
    if (body.getType() != PKIBody.TYPE_ERROR) return "a message " + body.getType() + ": " + body.getContent();
    return ErrorMsgContent.getInstance(body.getContent()).getPKIStatusInfo().getStatusString().getStringAtUTF8(0).getString();
  }

  private static CertificateReqMessages request(KeyPair keys, String name) throws Exception {
    JcaCertificateRequestMessageBuilder request = new JcaCertificateRequestMessageBuilder(BigInteger.ZERO);
    request.setSubject(new X500Principal("CN=" + name)).setPublicKey(keys.getPublic());
    request.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
    request.setProofOfPossessionSigningKeySigner(signing(keys));
    CertificateReqMessagesBuilder all = new CertificateReqMessagesBuilder();
    all.addRequest(request.build());
    return all.build();
  }

  private static ContentSigner signing(KeyPair keys) throws Exception {
    return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
  }

  private static KeyPair newKeys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static byte[] octets() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return bytes;
  }
}
