use ::tegata::multipart::Form;
use super::client::types;
impl types::UploadCardsForm {
    pub(super) fn into_form(self) -> Result<Form, ::tegata::Error> {
        let mut form = Form::default();
        form.files("file", self.file, None);
        form.value("mode", &self.mode, None)?;
        Ok(form)
    }
}
