"""Why a connection ended: the ending, what each application saw, and the sentence that says it."""
