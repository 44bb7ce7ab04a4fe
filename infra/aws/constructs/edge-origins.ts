/** What a distribution asks: an API of a function, or a bucket. Nothing of the edge itself is reached without TLS. */
import { Duration } from "aws-cdk-lib";
import {
  type CfnDistribution,
  type IOrigin,
  OriginBase,
  OriginProtocolPolicy,
  type OriginProps,
  OriginSslPolicy,
  type S3OriginAccessControl,
} from "aws-cdk-lib/aws-cloudfront";
import { OriginGroup, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import type { IBucket } from "aws-cdk-lib/aws-s3";

/** An API gives up after 29 s (HTTP: 30): the edge a moment later, so that the API's own words get through. */
const apiPatience = Duration.seconds(31);

class ApiOrigin extends OriginBase {
  readonly #clientCertificateArn: string | undefined;

  constructor(host: string, clientCertificateArn: string | undefined, props: OriginProps) {
    super(host, { readTimeout: apiPatience, ...props } as OriginProps);
    this.#clientCertificateArn = clientCertificateArn;
  }

  protected override renderCustomOriginConfig(): CfnDistribution.CustomOriginConfigProperty {
    const clientCertificateArn = this.#clientCertificateArn;
    return {
      originProtocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      originReadTimeout: apiPatience.toSeconds(),
      ...(clientCertificateArn !== undefined && { originMtlsConfig: { clientCertificateArn } }),
    };
  }
}

export interface ApiPlace {
  readonly host: string;
  readonly stage: string | undefined;
  /** What the edge shows of itself, where the API serves nobody else. */
  readonly clientCertificateArn: string | undefined;
}

export const apiOrigin = ({ host, stage, clientCertificateArn }: ApiPlace): IOrigin =>
  new ApiOrigin(host, clientCertificateArn, stage === undefined ? {} : { originPath: `/${stage}` });

/** @param bucket whose policy lets CloudFront read */
export const bucketOrigin = (bucket: IBucket, access: S3OriginAccessControl): IOrigin =>
  S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId: access.originAccessControlId });

/** The bucket first; what it does not have, or when it is away, the function. A group serves GET and HEAD alone. */
export const storedOrElse = (bucket: IOrigin, api: IOrigin): IOrigin =>
  new OriginGroup({
    primaryOrigin: bucket,
    fallbackOrigin: api,
    // Without the right to list, S3 says 403 of what is not there.
    fallbackStatusCodes: [403, 404, 500, 502, 503, 504],
  });
