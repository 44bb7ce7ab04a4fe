import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CRLEntryHolder;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Bouncy Castle over what a host emitted. `request <algorithm> <dns name> <file>` makes a key and writes a PKCS #10 request;
 * `verify <directory>...` reads root.der, issuing.der, leaf.der, crl.der and answer.der of each and says one line of it.
 */
public final class Verify {
  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    if (arguments[0].equals("version")) System.out.println(Security.getProvider("BC").getVersionStr());
    else if (arguments[0].equals("request")) request(arguments[1], arguments[2], Path.of(arguments[3]));
    else for (int at = 1; at < arguments.length; at++) System.out.println(verify(Path.of(arguments[at])));
  }

  private static void request(String algorithm, String name, Path file) throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance(algorithm, "BC").generateKeyPair();
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
    Files.write(
        file,
        new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=" + name), pair.getPublic())
            .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
            .build(new JcaContentSignerBuilder(algorithm).setProvider("BC").build(pair.getPrivate()))
            .getEncoded());
  }

  private static String verify(Path directory) throws Exception {
    X509CertificateHolder root = certificate(directory, "root");
    X509CertificateHolder issuing = certificate(directory, "issuing");
    X509CertificateHolder leaf = certificate(directory, "leaf");
    require(root.isSignatureValid(keyOf(root)), "the root does not sign itself");
    require(issuing.isSignatureValid(keyOf(root)), "the issuing CA is not signed by the root");
    require(leaf.isSignatureValid(keyOf(issuing)), "the leaf is not signed by the issuing CA");
    require(!leaf.isSignatureValid(keyOf(root)), "the leaf verifies under any key");
    byte[] changed = leaf.getEncoded();
    changed[changed.length - 1] ^= 1;
    require(!new X509CertificateHolder(changed).isSignatureValid(keyOf(issuing)), "a changed leaf verifies");

    X509CRLHolder crl = new X509CRLHolder(Files.readAllBytes(directory.resolve("crl.der")));
    require(crl.isSignatureValid(keyOf(issuing)), "the CRL is not signed by the issuing CA");
    X509CRLEntryHolder entry = crl.getRevokedCertificate(leaf.getSerialNumber());
    require(entry != null, "the leaf is not on the CRL");

    BasicOCSPResp answer =
        (BasicOCSPResp) new OCSPResp(Files.readAllBytes(directory.resolve("answer.der"))).getResponseObject();
    X509CertificateHolder responder = answer.getCerts()[0];
    require(responder.isSignatureValid(keyOf(issuing)), "the responder is not certified by the issuing CA");
    require(
        ExtendedKeyUsage.fromExtensions(responder.getExtensions()).hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning),
        "the responder has no OCSPSigning");
    require(answer.isSignatureValid(keyOf(responder)), "the answer is not signed by the responder");
    SingleResp single = answer.getResponses()[0];
    require(
        single.getCertID().matchesIssuer(issuing, new BcDigestCalculatorProvider())
            && single.getCertID().getSerialNumber().equals(leaf.getSerialNumber()),
        "the answer is about another certificate");
    require(single.getCertStatus() instanceof RevokedStatus, "the answer does not say revoked");
    return String.join(
        " ",
        List.of(
            leaf.getSignatureAlgorithm().getAlgorithm().getId(),
            crl.toASN1Structure().getSignatureAlgorithm().getAlgorithm().getId(),
            answer.getSignatureAlgOID().getId(),
            leaf.getSubjectPublicKeyInfo().getAlgorithm().getAlgorithm().getId()));
  }

  private static X509CertificateHolder certificate(Path directory, String name) throws Exception {
    return new X509CertificateHolder(Files.readAllBytes(directory.resolve(name + ".der")));
  }

  private static ContentVerifierProvider keyOf(X509CertificateHolder certificate) throws Exception {
    return new JcaContentVerifierProviderBuilder().setProvider("BC").build(certificate);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) throw new IllegalStateException(otherwise);
  }
}
