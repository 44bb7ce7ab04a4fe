/**
 * Commands for stock clients with this endpoint's own addresses; `test/interop/console-recipes.test.ts` runs one of each kind as
 * the page shows it. docs/acme.md, est.md, scep.md and cmp.md have more.
 */
export interface Place {
  /** `https://host:port`, as clients reach the host. */
  readonly secure: string;
  /** `http://host:port` of the listener that also serves SCEP; where there is none, the same as `secure`. */
  readonly plain: string;
  readonly label: string;
  readonly protocols: readonly string[];
  /** How a client shows that it is one. */
  readonly auth: readonly string[];
}

export interface Recipe {
  readonly protocol: string;
  readonly client: string;
  readonly command: string;
  /** What it needs beside the preparation. */
  readonly note?: string;
  /** The certificate that it leaves, with `$NAME`. */
  readonly leaves: string;
}

/** Once in the shell: what the commands below go by. @param needsSecret a credential must be made first */
export const preparation = (needsSecret: boolean): string =>
  `export NAME=app.example.test CA=$PWD/ca.pem ROOT=$PWD/root.pem${
    needsSecret ? "\nexport ID=<credential> SECRET=<secret>" : ""
  }`;

/** What is the same for every client that makes its own request. */
const request = `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $NAME.key -out $NAME.csr \\
  -subj /CN=$NAME -addext subjectAltName=DNS:$NAME`;

type Write = (place: Place) => Omit<Recipe, "protocol">;

const bound = ({ auth }: Place): boolean => !auth.includes("open");
const directory = ({ secure, label }: Place): string => `${secure}/acme/${label}/directory`;

const writers: readonly (readonly [protocol: string, write: Write])[] = [
  [
    "acme",
    (place) => ({
      client: "certbot",
      command: `REQUESTS_CA_BUNDLE=$CA certbot certonly --config-dir certbot --work-dir certbot --logs-dir certbot \\
  --server ${directory(place)} --non-interactive --agree-tos --email admin@example.com --no-eff-email \\
  --webroot --webroot-path /var/www/html --domain $NAME${bound(place) ? " \\\n  --eab-kid $ID --eab-hmac-key $SECRET" : ""}`,
      leaves: "certbot/live/$NAME/fullchain.pem",
    }),
  ],
  [
    "acme",
    (place) => ({
      client: "lego 5",
      command: `LEGO_CA_CERTIFICATES=$CA lego run --server ${directory(place)} --accept-tos --email admin@example.com \\
  --path lego --http --http.webroot /var/www/html --domains $NAME${bound(place) ? " \\\n  --eab --eab.kid $ID --eab.hmac $SECRET" : ""}`,
      leaves: "lego/certificates/$NAME.crt",
    }),
  ],
  [
    "acme",
    (place) => ({
      client: "uacme",
      note: "It asks the system's roots alone: ca.pem must be among them.",
      command: `cat > uacme-hook.sh <<'END'
#!/bin/sh
[ "$2" = http-01 ] || exit 1
case "$1" in
begin) printf %s "$5" > "/var/www/html/.well-known/acme-challenge/$4" ;;
*) rm -f "/var/www/html/.well-known/acme-challenge/$4" ;;
esac
END
chmod +x uacme-hook.sh
uacme -c uacme -a ${directory(place)} -y ${bound(place) ? "-e $ID:$SECRET " : ""}new admin@example.com
uacme -c uacme -a ${directory(place)} -h ./uacme-hook.sh issue $NAME`,
      leaves: "uacme/$NAME/cert.pem",
    }),
  ],
  [
    "est",
    ({ secure, label }) => ({
      client: "curl and openssl",
      command: `${request}
openssl req -in $NAME.csr -outform DER | openssl base64 | curl --fail-with-body --cacert $CA --user $ID:$SECRET \\
  --header "Content-Type: application/pkcs10" --data-binary @- ${secure}/.well-known/est/${label}/simpleenroll |
  openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs > $NAME.pem`,
      leaves: "$NAME.pem",
    }),
  ],
  [
    "scep",
    ({ plain, label }) => ({
      client: "strongSwan's pki",
      command: `pki --scepca --url ${plain}/scep/${label} --caout scep-ca.pem --raout scep-ra.pem --outform pem --force
pki --gen --type rsa --size 2048 --outform pem > $NAME.key
pki --scep --url ${plain}/scep/${label} --in $NAME.key --dn CN=$NAME --san $NAME --password $ID.$SECRET \\
  --cacert-enc scep-ra.pem --cacert-sig scep-ra.pem --cacert scep-ca.pem --cacert scep-ca-1.pem --outform pem > $NAME.pem`,
      leaves: "$NAME.pem",
    }),
  ],
  [
    "cmp",
    ({ secure, label }) => ({
      client: "openssl cmp",
      command: `${request}
openssl cmp -cmd p10cr -server ${secure.replace(/^https:\/\//, "")} -tls_used -tls_trusted $CA -path .well-known/cmp/p/${label} \\
  -ref $ID -secret pass:$SECRET -csr $NAME.csr -trusted $ROOT -certout $NAME.pem`,
      leaves: "$NAME.pem",
    }),
  ],
];

export const recipesFor = (place: Place): readonly Recipe[] =>
  writers
    .filter(([protocol]) => place.protocols.includes(protocol))
    .map(([protocol, write]) => ({ protocol, ...write(place) }));

/** One machine's console has a name that only browsers and curl resolve; its clients say `localhost`. */
export function placesOf(origin: string, statusUrl: string | undefined): Pick<Place, "secure" | "plain"> {
  const here = new URL(origin);
  if (!here.hostname.endsWith(".localhost") && here.hostname !== "localhost")
    return { secure: here.origin, plain: here.origin };
  here.hostname = "localhost";
  return { secure: here.origin, plain: statusUrl === undefined ? here.origin : new URL(statusUrl).origin };
}
