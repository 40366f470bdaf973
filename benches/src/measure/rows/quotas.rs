//! create-event with the CPU of small Lambda functions.

use local::Result;

use super::{process::run, requests};
use crate::measure::{
    Bench,
    cgroup::CpuQuota,
    inputs,
    report::{Column, Matrix},
    subject::Subject,
};

/// The sizes of memory in MB. A function with the last one has one vCPU, and the others have their share of it:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>.
const MEMORY_MB: [u32; 4] = [128, 256, 512, 1769];
const ONE_VCPU_MB: f64 = 1769.0;

const STARTS: usize = 15;
const INVOCATIONS: usize = 20;

const COLD: &str = "start to first response, ms";
const HELLO_COLD: &str = "start to first response of the hello world, ms";
const WARM: &str = "warm POST, ms";
const HELLO_WARM: &str = "warm POST of the hello world, ms";

/// create-event and the hello world with the quota of each size. `None`, with a message, if there can be no quota.
pub(super) async fn quotas(bench: &Bench) -> Result<Option<Matrix>> {
    let quota = match CpuQuota::make() {
        Ok(quota) => quota,
        Err(error) => {
            eprintln!("quotas: not measured: {error}");
            return Ok(None);
        }
    };
    let columns = [
        ("start to first response", Column::Median(COLD)),
        ("hello world", Column::Multiple(COLD, HELLO_COLD)),
        ("warm POST", Column::Median(WARM)),
        ("slowest of 100", Column::P99(WARM)),
        ("hello world", Column::Multiple(WARM, HELLO_WARM)),
    ];
    let mut matrix = Matrix::new("CPU quotas", "Memory", columns);
    inputs::declare_receiver(&bench.dynamodb).await?;
    let event = inputs::post(inputs::PAYLOAD_BYTES)?;
    let subject = |program| quota.limited(&Subject::new(bench, program, program));
    let subjects = [(subject("create-event"), COLD, WARM), (subject("hello-world"), HELLO_COLD, HELLO_WARM)];
    // The first round warms the caches of the machine.
    for round in 0..=STARTS {
        for memory in MEMORY_MB {
            quota.set(f64::from(memory) / ONE_VCPU_MB)?;
            let name = format!("{memory} MB");
            for (subject, cold, warm) in &subjects {
                let costs = run(subject, &event, INVOCATIONS, requests::check).await?;
                if round > 0 {
                    matrix.add(&name, cold, costs.cold.wall.as_secs_f64() * 1e3);
                    for cost in costs.later {
                        matrix.add(&name, warm, cost.wall.as_secs_f64() * 1e3);
                    }
                }
            }
        }
    }
    Ok(Some(matrix))
}
