use super::request::Wire;
/// What has to be changed in a request of this operation.
pub(super) fn of(operation_id: &str) -> Wire {
    match operation_id {
        _ => Wire::NOTHING,
    }
}
