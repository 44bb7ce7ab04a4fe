import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.est.CSRRequestResponse;
import org.bouncycastle.est.ESTAuth;
import org.bouncycastle.est.ESTException;
import org.bouncycastle.est.ESTService;
import org.bouncycastle.est.EnrollmentResponse;
import org.bouncycastle.est.jcajce.JsseESTServiceBuilder;
import org.bouncycastle.est.jcajce.JcaHttpAuthBuilder;
import org.bouncycastle.est.jcajce.JcaJceUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.util.Store;

/**
 * Bouncy Castle's EST client: `<operation> name=value…`, one line for each thing that came, base64 behind its kind. Names:
 * server (host:port), label, ca (PEM), csr (DER), user, password, store (PKCS#12 of the client certificate, password "x").
 */
public final class Est {
  public static void main(String[] words) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    Map<String, String> given = new HashMap<>();
    for (int at = 1; at < words.length; at++) {
      int equals = words[at].indexOf('=');
      given.put(words[at].substring(0, equals), words[at].substring(equals + 1));
    }
    try {
      run(words[0], given);
    } catch (ESTException refused) {
      System.out.println("refused " + refused.getStatusCode() + " " + refused.getMessage().replaceAll("\\s+", " "));
    }
  }

  private static void run(String operation, Map<String, String> given) throws Exception {
    ESTService service = service(given);
    switch (operation) {
      case "cacerts" -> print(service.getCACerts().getCertificateStore());
      case "csrattrs" -> {
        CSRRequestResponse answer = service.getCSRAttributes();
        if (!answer.hasAttributesResponse()) System.out.println("none");
        else
          for (ASN1ObjectIdentifier asked : answer.getAttributesResponse().getRequirements())
            System.out.println("asked " + asked);
      }
      case "simpleenroll" -> print(service.simpleEnroll(false, request(given), authentication(given)));
      case "simplereenroll" -> print(service.simpleEnroll(true, request(given), authentication(given)));
      case "serverkeygen" ->
          print(service.simpleEnrollWithServersideCreation(request(given), authentication(given)));
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private static ESTService service(Map<String, String> given) throws Exception {
    CertificateFactory reader = CertificateFactory.getInstance("X.509");
    X509Certificate ca;
    try (var file = Files.newInputStream(Path.of(given.get("ca")))) {
      ca = (X509Certificate) reader.generateCertificate(file);
    }
    var trust = JcaJceUtils.getCertPathTrustManager(Set.of(new TrustAnchor(ca, null)), null);
    JsseESTServiceBuilder builder = new JsseESTServiceBuilder(given.get("server"), trust);
    if (given.containsKey("label")) builder.withLabel(given.get("label"));
    if (given.containsKey("store")) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (var file = Files.newInputStream(Path.of(given.get("store")))) {
        store.load(file, "x".toCharArray());
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, "x".toCharArray());
      builder.withKeyManagers(keys.getKeyManagers());
    }
    return builder.build();
  }

  private static PKCS10CertificationRequest request(Map<String, String> given) throws Exception {
    return new PKCS10CertificationRequest(Files.readAllBytes(Path.of(given.get("csr"))));
  }

  private static ESTAuth authentication(Map<String, String> given) throws Exception {
    if (!given.containsKey("user")) return null;
    return new JcaHttpAuthBuilder(given.get("user"), given.get("password").toCharArray()).setProvider("BC").build();
  }

  private static void print(EnrollmentResponse answer) throws Exception {
    if (!answer.isCompleted()) {
      System.out.println("later " + (answer.getNotBefore() > System.currentTimeMillis()));
      return;
    }
    print(answer.getStore());
    PrivateKeyInfo key = answer.getPrivateKeyInfo();
    if (key == null) return;
    System.out.println("key " + Base64.getEncoder().encodeToString(key.getEncoded()));
  }

  private static void print(Store<X509CertificateHolder> store) throws Exception {
    Collection<X509CertificateHolder> certificates = store.getMatches(null);
    for (X509CertificateHolder certificate : certificates)
      System.out.println("certificate " + Base64.getEncoder().encodeToString(certificate.getEncoded()));
  }
}
