/** The HTTP application: plugins, then routes, in the order in which they act. Opens no connection of its own. */
import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { App } from '../http/app-types.ts';
import {
  answerClientError,
  answerConnect,
  answerExpectation,
  fromThrown,
  installErrorHandler,
  sendProblem,
} from '../http/error-handler.ts';
import { installAuditLog } from '../http/plugins/audit-log.ts';
import { installAuth } from '../http/plugins/auth.ts';
import { installCors } from '../http/plugins/cors.ts';
import { installDeadline } from '../http/plugins/deadline.ts';
import { installJsonBody } from '../http/plugins/json-body.ts';
import { installMetrics } from '../http/plugins/metrics.ts';
import { installNotFound } from '../http/plugins/not-found.ts';
import { installOpenApi } from '../http/plugins/openapi.ts';
import { installRequestLog } from '../http/plugins/request-log.ts';
import { installSecurity } from '../http/plugins/security.ts';
import { installValidation } from '../http/plugins/validation.ts';
import { artifactRoutes } from '../http/routes/artifacts.ts';
import { catalogueRoutes } from '../http/routes/catalogue.ts';
import { comparisonRoutes } from '../http/routes/comparisons.ts';
import { datasetRoutes } from '../http/routes/datasets.ts';
import { docsRoutes } from '../http/routes/docs.ts';
import { healthRoutes } from '../http/routes/health.ts';
import { jobEventRoutes } from '../http/routes/job-events.ts';
import { jobLogRoutes } from '../http/routes/job-logs.ts';
import { jobRoutes } from '../http/routes/jobs.ts';
import { pageRoutes } from '../http/routes/page.ts';
import { queueRoutes } from '../http/routes/queue.ts';
import { recommendationRoutes } from '../http/routes/recommendations.ts';
import { sessionRoutes } from '../http/routes/session.ts';
import { validateRoute } from '../http/routes/validate.ts';
import { webhookRoutes } from '../http/routes/webhooks.ts';
import type { HttpOptions, Services } from '../http/services.ts';

/** Added to the longest wait of a long poll, during which nothing is sent. */
const silenceMs = 30_000;
const headersTimeoutMs = 20_000;
const keepAliveMs = 72_000;
/** How often connections are looked at for the timeouts of their heads and bodies. */
const checkIntervalMs = 5000;

export async function createApp(services: Services, options: HttpOptions, logger: FastifyBaseLogger): Promise<App> {
  const app: App = fastify({
    loggerInstance: logger,
    genReqId: () => randomUUID(),
    // One line for each request, when it is over: plugins/request-log.ts.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    connectionTimeout: options.maxWaitSeconds * 1000 + silenceMs,
    keepAliveTimeout: keepAliveMs,
    // An upload may take its time; other bodies have a deadline of their own (plugins/deadline.ts).
    requestTimeout: options.uploadTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkIntervalMs },
    bodyLimit: options.maxBodyBytes,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void sendProblem(fromThrown(error), request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.server.maxConnections = options.maxConnections;
  app.server.on('connect', answerConnect);
  app.server.on('checkExpectation', answerExpectation);
  installRequestLog(app);
  installAuditLog(app);
  installErrorHandler(app);
  installValidation(app, options);
  await installCors(app, options);
  installJsonBody(app, services);
  await app.register(cookie);
  installAuth(app, services, options);
  installNotFound(app);
  await installSecurity(app, options);
  installDeadline(app, options);
  await installOpenApi(app, options.publicUrl);
  installMetrics(app, services, options);

  jobRoutes(app, services, options);
  validateRoute(app, services);
  recommendationRoutes(app, services, options);
  jobEventRoutes(app, services);
  jobLogRoutes(app, services);
  webhookRoutes(app, services);
  artifactRoutes(app, services, options);
  comparisonRoutes(app, services, options);
  await datasetRoutes(app, services, options);
  queueRoutes(app, services, options);
  await sessionRoutes(app, services, options);
  catalogueRoutes(app);
  healthRoutes(app, services);
  docsRoutes(app);
  pageRoutes(app);
  return app;
}
