//! Every route of the contract, as spelled and with a trailing slash.

use end_to_end::System;
use local::samples;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_and_alias_creates() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = samples::group(&receiver);
    for slash in ["", "/"] {
        for path in ["/api/v1/event-receivers", "/api/v1/receivers"] {
            assert_eq!(system.create(&format!("{path}{slash}"), &samples::receiver()).await, receiver);
        }
        for path in ["/api/v1/event-receiver-groups", "/api/v1/groups"] {
            system.create(&format!("{path}{slash}"), &group).await;
        }
        system.create(&format!("/api/v1/events{slash}"), &samples::event(&receiver)).await;
    }
}
