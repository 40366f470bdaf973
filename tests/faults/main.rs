//! What is accepted is published, whatever fails meanwhile; what fails says so.

mod functions;
mod kafka;
mod publisher;
mod replay;
mod restart;
mod shutdown;
mod table;
