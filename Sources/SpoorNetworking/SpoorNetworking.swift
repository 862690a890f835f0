// SpoorNetworking: to come.
