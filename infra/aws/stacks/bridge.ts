/**
 * Where agents connect, when there are any to serve: two Fargate tasks behind a load balancer that passes TLS through, since
 * only the process itself may judge an agent's certificate. Public subnets and no NAT: what goes out goes by the tasks' own
 * addresses, what comes in only through the load balancer.
 */
import { Aws, CfnOutput, DefaultStackSynthesizer, Duration, Stack, type StackProps } from "aws-cdk-lib";
import {
  GatewayVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  type ISubnet,
  type IVpc,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import {
  AwsLogDriver,
  Cluster,
  type ContainerImage,
  CpuArchitecture,
  DeploymentControllerType,
  FargateService,
  type ICluster,
  FargateTaskDefinition,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import { NetworkLoadBalancer, NetworkTargetGroup, Protocol, TargetType } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import { Boundary } from "../constructs/boundary.ts";
import { logGroup } from "../constructs/log-group.ts";
import type { Deployment } from "../context.ts";
import { functionName, roleName } from "../names.ts";
import { bridgeRole, type DataStack } from "./data.ts";

export interface BridgeProps extends StackProps {
  readonly deployment: Deployment;
  readonly data: DataStack;
  readonly image: ContainerImage;
}

const agentPort = 9443;
const healthPort = 9080;
/** Below Fargate's 120 s after which a task is ended. */
const drainSeconds = 100;

export class BridgeStack extends Stack {
  readonly service: FargateService;
  readonly loadBalancer: NetworkLoadBalancer;
  readonly targets: NetworkTargetGroup;

  constructor(scope: Construct, id: string, { deployment, data, image, ...props }: BridgeProps) {
    super(scope, id, props);
    const vpc: IVpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        s3: { service: GatewayVpcEndpointAwsService.S3 },
        dynamodb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    }) as IVpc;
    const front = new SecurityGroup(this, "Front", {
      vpc,
      description: "The load balancer: agents from anywhere",
      allowAllOutbound: false,
    });
    const tasks = new SecurityGroup(this, "Tasks", {
      vpc,
      description: "The tasks: from the load balancer alone",
      allowAllOutbound: false,
    });
    front.addIngressRule(Peer.anyIpv4(), Port.tcp(agentPort), "Agents prove who they are by their certificates");
    for (const port of [agentPort, healthPort]) {
      front.addEgressRule(tasks, Port.tcp(port));
      tasks.addIngressRule(front, Port.tcp(port));
    }
    // The image and the logs; AWS has no prefix list for either.
    tasks.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "AWS APIs, over TLS");

    const log = logGroup(this, "Log", { deployment, dataKey: data.dataKey, service: "ecs", entry: "bridge" });
    this.service = this.#service(deployment, image, log, vpc, tasks);
    this.targets = new NetworkTargetGroup(this, "Targets", {
      vpc,
      port: agentPort,
      protocol: Protocol.TCP,
      targetType: TargetType.IP,
      targets: [this.service.loadBalancerTarget({ containerName: "bridge", containerPort: agentPort })],
      deregistrationDelay: Duration.seconds(120),
      connectionTermination: true,
      healthCheck: {
        protocol: Protocol.HTTP,
        port: String(healthPort),
        path: "/healthz",
        interval: Duration.seconds(10),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    this.loadBalancer = new NetworkLoadBalancer(this, "LoadBalancer", {
      vpc,
      internetFacing: true,
      crossZoneEnabled: true,
      securityGroups: [front],
      deletionProtection: deployment.profile === "regulated",
    });
    this.loadBalancer.addListener("Agents", {
      port: agentPort,
      protocol: Protocol.TCP,
      defaultTargetGroups: [this.targets],
    });
    this.#acknowledged(vpc, front);
    new CfnOutput(this, "BridgeAddress", { value: `${this.loadBalancer.loadBalancerDnsName}:${agentPort}` });
  }

  #acknowledged(vpc: IVpc, front: SecurityGroup): void {
    acknowledge(vpc, "AwsSolutions-VPC7", "Flow logs of a network with one open port cost more than they tell.");
    acknowledge(front, "AwsSolutions-EC23", "Agents come from anywhere; the process judges their certificates.");
    acknowledge(this.service.taskDefinition, "AwsSolutions-ECS2", "Ports and an address, nothing secret.");
    acknowledge(this.service.cluster, "AwsSolutions-ECS4", "Two tasks: the service's own metrics and the log suffice.");
    acknowledge(
      this.loadBalancer,
      "AwsSolutions-ELB2",
      "A load balancer writes no access log of TLS that it passes through.",
    );
  }

  #service(
    deployment: Deployment,
    image: ContainerImage,
    log: LogGroup,
    vpc: IVpc,
    securityGroup: SecurityGroup,
  ): FargateService {
    const task = new FargateTaskDefinition(this, "Task", {
      family: functionName(deployment, "bridge"),
      cpu: 256,
      memoryLimitMiB: 512,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      // What constructs would add by themselves is written there.
      executionRole: this.#executionRole(deployment, log).withoutPolicyUpdates(),
      // It may do nothing yet: it serves nobody.
      taskRole: new Role(this, "TaskRole", {
        roleName: roleName(deployment, bridgeRole),
        assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com"),
      }),
    });
    task.addContainer("bridge", {
      image,
      logging: new AwsLogDriver({ logGroup: log, streamPrefix: "bridge" }),
      environment: {
        TRSTCTL_BRIDGE_HOST: "0.0.0.0",
        TRSTCTL_BRIDGE_PORT: String(agentPort),
        TRSTCTL_BRIDGE_HEALTH_PORT: String(healthPort),
        TRSTCTL_BRIDGE_DRAIN_SECONDS: String(drainSeconds),
      },
      portMappings: [{ containerPort: agentPort }, { containerPort: healthPort }],
      readonlyRootFilesystem: true,
      privileged: false,
      user: "node",
      stopTimeout: Duration.seconds(120),
    });
    return new FargateService(this, "Service", {
      serviceName: functionName(deployment, "bridge"),
      cluster: new Cluster(this, "Cluster", { vpc, clusterName: functionName(deployment, "bridge") }) as ICluster,
      taskDefinition: task,
      desiredCount: 2,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      deploymentController: { type: DeploymentControllerType.ECS },
      assignPublicIp: true,
      vpcSubnets: { subnets: vpc.publicSubnets as ISubnet[] },
      securityGroups: [securityGroup],
      healthCheckGracePeriod: Duration.seconds(30),
      enableExecuteCommand: false,
    });
  }

  #executionRole(deployment: Deployment, log: LogGroup): Role {
    const statements = [
      new PolicyStatement({
        sid: "Log",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [log.logGroupArn],
      }),
      new PolicyStatement({ sid: "Registry", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }),
      new PolicyStatement({
        sid: "Image",
        actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources: [
          this.formatArn({
            service: "ecr",
            resource: "repository",
            resourceName: `cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-container-assets-${Aws.ACCOUNT_ID}-${Aws.REGION}`,
          }),
        ],
      }),
    ];
    const boundary = new Boundary(this, roleName(deployment, "bridge-boundary"));
    boundary.allow(statements);
    const anyRegistry = "Signing in to a registry knows no resource; what is fetched is the one repository.";
    const role = new Role(this, "ExecutionRole", {
      roleName: roleName(deployment, "bridge-start"),
      description: "Fetches the image and writes the log, before and beside the process",
      assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com"),
      inlinePolicies: { own: new PolicyDocument({ statements }) },
      permissionsBoundary: boundary.policy,
    });
    acknowledge(role, "AwsSolutions-IAM5[Resource::*]", anyRegistry);
    return role;
  }
}
