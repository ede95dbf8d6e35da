/** Types of the part of autocannon that bench/http.ts uses; the package has none. */
declare module 'autocannon' {
  namespace autocannon {
    interface Options {
      url: string;
      method?: 'GET' | 'POST';
      headers?: Record<string, string>;
      body?: string;
      connections?: number;
      /** In seconds. */
      duration: number;
    }
    interface Result {
      requests: { average: number; total: number };
      /** In milliseconds. */
      latency: { p50: number; p99: number };
      errors: number;
      non2xx: number;
    }
  }
  function autocannon(options: autocannon.Options): Promise<autocannon.Result>;
  export default autocannon;
}
